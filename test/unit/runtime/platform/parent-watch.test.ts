import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  chainIsIntact,
  chainToEngine,
  type ProcessEntry,
  parseProcStat,
  parsePs,
  readProcess,
} from "../../../../runtime/platform/parent-watch.ts";

const table =
  (...entries: [number, number, string][]) =>
  (pid: number): ProcessEntry | undefined => {
    const found = entries.find(([id]) => id === pid);
    return found === undefined ? undefined : { pid: found[0], parent: found[1], name: found[2] };
  };

describe("parsing", () => {
  it("reads a name with spaces and parentheses", () => {
    expect(parseProcStat("12 (a) (b c)) S 7 12 12 0")).toEqual({
      pid: 12,
      parent: 7,
      name: "a) (b c)",
      state: "S",
    });
  });

  it("reads a line of ps", () => {
    expect(parsePs("  42   7 Ss   /opt/bin/pulumi\n")).toEqual([
      { pid: 42, parent: 7, name: "pulumi", state: "Ss", command: "/opt/bin/pulumi" },
    ]);
  });

  it("refuses anything else", () => {
    expect(parseProcStat("nothing")).toBeUndefined();
    expect(parsePs("PID PPID\n\n")).toEqual([]);
  });

  it("finds this process", () => {
    expect(readProcess(process.pid)?.parent).toBe(process.ppid);
  });
});

describe("chainToEngine", () => {
  const tree = table(
    [5, 4, "node"],
    [4, 3, "sh"],
    [3, 2, "pulumi-resource"],
    [2, 1, "pulumi"],
    [8, 7, "node"],
    [7, 6, "bash"],
    [6, 1, "sshd"],
  );

  it("goes up to the engine and no further", () => {
    expect(chainToEngine(tree, 5)).toEqual([4, 3, 2]);
  });

  it("is the direct parent where no engine stands above", () => {
    expect(chainToEngine(tree, 8)).toEqual([7]);
  });

  it("knows a wrapped engine", () => {
    expect(chainToEngine(table([3, 2, "sh"], [2, 9, ".pulumi-wrapped"], [9, 1, "bash"]), 3)).toEqual([2]);
  });

  it("is broken once any link has another parent or is gone", () => {
    expect(chainIsIntact(tree, 5, [4, 3, 2])).toBe(true);
    expect(chainIsIntact(table([5, 4, "node"], [4, 3, "sh"], [3, 1, "pulumi-resource"]), 5, [4, 3, 2])).toBe(
      false,
    );
    expect(chainIsIntact(table([5, 4, "node"]), 5, [4, 3])).toBe(false);
  });
});

describe("watchParent", () => {
  it("aborts when a process further up is killed, as a killed engine leaves its plugin running", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "parent-watch-"));
    const module = path.resolve("runtime/platform/parent-watch.ts");
    const program = path.join(folder, "child.mts");
    writeFileSync(
      program,
      `import { watchParent } from ${JSON.stringify(module)};
       const keep = setInterval(() => {}, 1000);
       watchParent({ pollMs: 50 }).addEventListener("abort", () => { console.log("orphan"); clearInterval(keep); });
       console.log("ready");`,
    );
    const tsx = path.resolve("node_modules/tsx/dist/loader.mjs");
    // `pulumi` here is any process of that name two levels above the watcher.
    const engine = spawn(
      "bash",
      [
        "-c",
        'exec -a pulumi bash -c \'printf pulumi >/proc/self/comm; bash -c "$1; true"; true\' pulumi "$1"',
        "x",
        `'${process.execPath}' --import '${tsx}' '${program}'`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let output = "";
    engine.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("ready") && engine.exitCode === null) engine.kill("SIGKILL");
    });
    await once(engine, "close");
    rmSync(folder, { recursive: true });
    expect(output).toBe("ready\norphan\n");
  }, 20_000);
});

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { local } from "@pulumi/command";
import { secret } from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "./engine.ts";

/**
 * What version 1.2.1 of the command plugin does, as far as this project relies on it. It holds for the official plugin and
 * for the stand-in alike: whichever the toolchain has is tested.
 */
describe("local.Command", { timeout: 120_000 }, () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
  }, 60_000);
  afterEach(async () => {
    await engine.close();
  });

  const file = (name: string) => path.join(engine.folder, name);
  const lines = async (name: string) => (await readFile(file(name), "utf8")).trimEnd().split("\n");
  const missing = (name: string) => expect(readFile(file(name))).rejects.toThrow("ENOENT");
  /** A program of one command, whose outputs are the stack's. */
  const program = (args: local.CommandArgs) => async () => {
    const command = new local.Command("it", args);
    return { id: command.id, stdout: command.stdout, stderr: command.stderr };
  };
  const value = (run: { outputs: Record<string, { value: unknown }> }, name: string) =>
    run.outputs[name]?.value;

  it("runs create once, takes over its output less one newline, and never runs on preview", async () => {
    const args = { create: `echo run >> ${file("runs")}; printf 'a\\n\\n'; printf 'b\\n' >&2` };
    expect(await engine.preview(program(args))).toContain("create it");
    await missing("runs");
    const first = await engine.up(program(args));
    expect(first.steps).toContain("create it");
    expect(value(first, "id")).toMatch(/^it[0-9a-f]{8}$/);
    expect([value(first, "stdout"), value(first, "stderr")]).toEqual(["a\n", "b"]);
    const second = await engine.up(program(args));
    expect(second.steps.filter((step) => step.endsWith(" it"))).toEqual([]);
    expect(value(second, "stdout")).toBe("a\n");
    expect(await lines("runs")).toEqual(["run"]);
  });

  it("does nothing without create", async () => {
    const run = await engine.up(program({ update: `echo run > ${file("runs")}` }));
    expect(value(run, "stdout")).toBe("");
    await missing("runs");
  });

  it("runs update for any changed input, which sees the previous output and replaces it", async () => {
    const update = `printf '%s/%s' "$PULUMI_COMMAND_STDOUT" "$PULUMI_COMMAND_STDERR" > ${file("seen")}`;
    const create = "echo out; echo err >&2";
    await engine.up(program({ create, update, environment: { A: "1" } }));
    const run = await engine.up(program({ create, update, environment: { A: "2" } }));
    expect(run.steps).toContain("update it");
    expect(await readFile(file("seen"), "utf8")).toBe("out/err");
    expect([value(run, "stdout"), value(run, "stderr")]).toEqual(["", ""]);
  });

  it("runs create again where there is no update, and leaves out previous output that is empty or unwanted", async () => {
    const create = `env | grep -c ^PULUMI_COMMAND_ >> ${file("counts")}; echo "$N"`;
    await engine.up(program({ create, environment: { N: "1" } }));
    await engine.up(program({ create, environment: { N: "2" } }));
    const run = await engine.up(program({ create, environment: { N: "3" }, addPreviousOutputInEnv: false }));
    expect(value(run, "stdout")).toBe("3");
    // At first nothing, then stdout without the empty stderr, then neither.
    expect(await lines("counts")).toEqual(["0", "1", "0"]);
  });

  it("replaces for changed triggers even with update: create first, then delete with the old inputs", async () => {
    const step = (name: string) =>
      `echo "${name} $N \${PULUMI_COMMAND_STDOUT:-none}" >> ${file("steps")}; echo "$N"`;
    const at = (n: string) =>
      program({
        create: step("create"),
        update: step("update"),
        delete: step("delete"),
        environment: { N: n },
        triggers: [n, { nested: [n] }],
      });
    await engine.up(at("1"));
    const run = await engine.up(at("2"));
    expect(run.steps.filter((one) => one.endsWith(" it"))).toEqual([
      "create-replacement it",
      "replace it",
      "delete-replaced it",
    ]);
    await engine.destroy();
    expect(await lines("steps")).toEqual(["create 1 none", "create 2 none", "delete 1 1", "delete 2 2"]);
  });

  it("passes environment, folder, interpreter and standard input", async () => {
    await writeFile(file("here"), "the folder");
    const run = await engine.up(
      program({
        create:
          'import os,sys; print(open("here").read(), os.environ["A"], os.environ["FROM_ENGINE"], sys.stdin.read())',
        interpreter: ["python3", "-c"],
        dir: engine.folder,
        environment: { A: "given" },
        stdin: "line 1\nline 2",
      }),
    );
    expect(value(run, "stdout")).toBe("the folder given inherited line 1\nline 2");
  });

  it("gives the command nothing to read without stdin", async () => {
    const run = await engine.up(program({ create: "cat; echo end" }));
    expect(value(run, "stdout")).toBe("end");
  });

  it("fails with status, command and all output, and keeps nothing of a failed create", async () => {
    const create = `echo run >> ${file("runs")}; echo out; echo err >&2; test -e ${file("ok")} || exit 3`;
    const failure = await engine.up(program({ create })).catch((error: unknown) => String(error));
    expect(failure).toContain(`exit status 3: running ${JSON.stringify(create)}:`);
    expect(failure).toMatch(/out\s+err|err\s+out/);
    expect((await engine.resources()).filter((one) => one.type === "command:local:Command")).toEqual([]);
    await writeFile(file("ok"), "");
    const run = await engine.up(program({ create }));
    expect(value(run, "stdout")).toBe("out");
    expect(await lines("runs")).toEqual(["run", "run"]);
  });

  it("keeps the old outputs of a failed update, and retries it", async () => {
    const update = `test -e ${file("ok")} && echo updated`;
    await engine.up(program({ create: "echo created", update, stdin: "1" }));
    await expect(engine.up(program({ create: "echo created", update, stdin: "2" }))).rejects.toThrow(
      "exit status 1",
    );
    const [kept] = (await engine.resources()).filter((one) => one.type === "command:local:Command");
    expect(kept?.outputs?.["stdout"]).toBe("created");
    await writeFile(file("ok"), "");
    const run = await engine.up(program({ create: "echo created", update, stdin: "2" }));
    expect(value(run, "stdout")).toBe("updated");
  });

  it("keeps a resource whose delete fails", async () => {
    await engine.up(program({ create: ":", delete: `rm ${file("absent")}` }));
    await expect(engine.destroy()).rejects.toThrow("exit status 1");
    await writeFile(file("absent"), "");
    await engine.destroy();
    await missing("absent");
    expect(await engine.resources()).toEqual([]);
  });

  it("shows the streams that logging names, line by line", async () => {
    // Both streams are shown through one pipe, where unfinished lines would run into each other.
    const create = "echo from-stdout; sleep 0.2; echo from-stderr >&2; sleep 0.2; printf unfinished";
    const args = { stdout: ["from-stdout", "unfinished"], stderr: ["from-stderr"], none: [] } as const;
    const shownWith = async (logging: local.Logging | undefined) => {
      const run = await engine.up(program({ create, ...(logging === undefined ? {} : { logging }) }));
      await engine.destroy();
      return run.shown.filter((line) => line.startsWith("from-") || line === "unfinished").sort();
    };
    const both = [...args.stderr, ...args.stdout].sort();
    expect(await shownWith(undefined)).toEqual(both);
    expect(await shownWith(local.Logging.StdoutAndStderr)).toEqual(both);
    expect(await shownWith(local.Logging.Stdout)).toEqual([...args.stdout].sort());
    expect(await shownWith(local.Logging.Stderr)).toEqual([...args.stderr]);
    expect(await shownWith(local.Logging.None)).toEqual([]);
  });

  it("ends the command at the resource's own timeout", async () => {
    const started = Date.now();
    const slow = async () => {
      new local.Command("it", { create: "exec sleep 60" }, { customTimeouts: { create: "1s" } });
    };
    await expect(engine.up(slow)).rejects.toThrow(/signal: killed|deadline exceeded/);
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it("ends the command when the operation is cancelled", async () => {
    const controller = new AbortController();
    const create = `echo $$ > ${file("pid")}; exec sleep 60`;
    const running = engine.up(program({ create }), { signal: controller.signal });
    const ended = expect(running).rejects.toThrow();
    const pid = await waitFor(
      async () => Number(await readFile(file("pid"), "utf8").catch(() => "")) || undefined,
    );
    expect(isAlive(pid)).toBe(true);
    controller.abort();
    await ended;
    await waitFor(async () => (isAlive(pid) ? undefined : true));
    expect((await engine.resources()).filter((one) => one.type === "command:local:Command")).toEqual([]);
  });

  it("does not guess that output is secret", async () => {
    await engine.up(program({ create: secret("echo in-clear") }));
    const [kept] = (await engine.resources()).filter((one) => one.type === "command:local:Command");
    const secretSignature = "4dabf18193072939515e22adb298388d";
    expect(kept?.outputs?.["create"]).toHaveProperty(secretSignature);
    expect(kept?.outputs?.["stdout"]).toBe("in-clear");
  });
});

async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error("waited 20 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

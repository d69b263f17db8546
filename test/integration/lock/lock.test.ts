import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LineReader, readLinesFrom } from "../../../runtime/host/lock/line-reader.ts";
import { remoteScriptPath } from "../../../runtime/platform/package-root.ts";
import { run } from "../../../runtime/platform/run-command.ts";
import { eventually } from "../deploy/wait.ts";

/** Stands where the supervisor stands: takes over the lock, works until it is told to stop, starts a service meanwhile. */
const supervisor = `set -u
[ "$1" = stdin ] && exec 9<&0 </dev/null
sleep 60 9>&- &
echo "$$ $*" >"$2/arguments"
echo activating >"$2/state"
until [ -e "$2/stop" ]; do sleep 0.1; done
`;

const isolated = fileURLToPath(new URL("isolated-lock.sh", import.meta.url));

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "lock-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

function hold(
  kind: "plain" | "systemd",
  wait = 1,
  silence = 30,
  more: readonly string[] = [],
): { say(line: string): void; answers: LineReader; hangUp(): void } {
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const script = [
    isolated,
    kind,
    remoteScriptPath("host/hold-lock"),
    folder,
    String(wait),
    String(silence),
    ...more,
  ];
  const child = spawn("unshare", [...namespaces, "bash", ...script], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return {
    say: (line) => child.stdin.write(`${line}\n`),
    answers: readLinesFrom(child.stdout, new Promise((resolve) => child.on("exit", resolve))),
    hangUp: () => child.stdin.end(),
  };
}

const isFree = async () =>
  (await run("flock", ["-n", path.join(folder, "lock"), "true"], { timeoutSeconds: 5 })).ok;

describe.each(["plain", "systemd"] as const)("hold-lock.sh with %s", (kind) => {
  it("passes the lock on to the supervisor, and to nothing that one starts, and tells it that the operator has left", async () => {
    const attempt = path.join(folder, "attempts", "nonce");
    await mkdir(attempt, { recursive: true });
    await writeFile(path.join(attempt, "supervisor.sh"), supervisor);
    const holder = hold(kind);
    holder.say('{"operator":"ada@desk"}');
    expect(await holder.answers.next(20)).toBe("locked");
    expect(JSON.parse(readFileSync(path.join(folder, "owner.json"), "utf8"))).toEqual({
      operator: "ada@desk",
    });
    holder.say("alive");
    holder.say(`start ${attempt}`);
    expect(await holder.answers.next(20)).toBe("started");
    const words = readFileSync(path.join(attempt, "arguments"), "utf8").trim().split(" ").slice(1);
    expect(words).toEqual([kind === "plain" ? "9" : "stdin", attempt]);
    expect(existsSync(path.join(attempt, "left"))).toBe(false);
    holder.hangUp();
    await eventually(() => Promise.resolve(existsSync(path.join(attempt, "left"))), 10);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await isFree()).toBe(false);
    await writeFile(path.join(attempt, "stop"), "");
    await eventually(isFree, 5);
  });
});

describe("hold-lock.sh", () => {
  it("tells who holds the lock, waits, and refuses in time", async () => {
    const first = hold("plain");
    first.say('{"operator":"ada@desk"}');
    expect(await first.answers.next(10)).toBe("locked");
    const second = hold("plain", 1);
    second.say('{"operator":"bob@lap"}');
    expect(await second.answers.next(10)).toBe('busy {"operator":"ada@desk"}');
    expect(await second.answers.next(10)).toBe('refused {"operator":"ada@desk"}');
    const third = hold("plain", 20);
    third.say('{"operator":"eve@lap"}');
    expect(await third.answers.next(10)).toBe('busy {"operator":"ada@desk"}');
    first.hangUp();
    expect(await third.answers.next(10)).toBe("locked");
  });

  it("lets go of the lock when the operator has been silent for too long", async () => {
    const holder = hold("plain", 1, 1);
    holder.say("{}");
    expect(await holder.answers.next(10)).toBe("locked");
    expect(await isFree()).toBe(false);
    await eventually(isFree, 5);
  });

  it("says so when a supervisor does not start", async () => {
    const holder = hold("plain");
    holder.say("{}");
    expect(await holder.answers.next(10)).toBe("locked");
    await mkdir(path.join(folder, "empty"));
    holder.say(`start ${folder}/empty`);
    expect(await holder.answers.next(20)).toBe("not-started");
  });

  it("looks as soon as it has the lock, and hands the bytes for a preparation on, whatever they are", async () => {
    const look = 'printf "current %s %s\\nend inspect-host\\n" "$1" "$2"';
    const prepare = '[ "$2" = good ] && cat >"$1/got" || { echo "no" >&2; echo room >&2; exit 1; }';
    const holder = hold("plain", 1, 30, [look, prepare, "/records"]);
    holder.say("{}");
    expect(await holder.answers.next(20)).toBe("locked");
    expect(await holder.answers.next(20)).toBe(`current ${folder} /records`);
    expect(await holder.answers.next(20)).toBe("end inspect-host");
    const bytes = "start somewhere\n\nend";
    holder.say(`prepare ${bytes.length} ${folder} good\n${bytes}alive`);
    expect(await holder.answers.next(20)).toBe("prepared");
    expect(readFileSync(path.join(folder, "got"), "utf8")).toBe(bytes);
    holder.say(`prepare 0 ${folder} bad`);
    expect(await holder.answers.next(20)).toBe("not-prepared no room ");
    expect(await isFree()).toBe(false);
  });
});

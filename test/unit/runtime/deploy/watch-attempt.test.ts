import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ZodError } from "zod";
import { reader } from "../../../../runtime/deploy/watch-attempt.ts";
import { remoteScriptPath } from "../../../../runtime/platform/package-root.ts";

const result = [
  "outcome deployed",
  "reason none",
  "exit-code 0",
  "reverted not-needed",
  "rebooted false",
  "current /nix/store/a",
  "generation 3",
  "seconds 1.25",
];
const look = ["boot-id 1-2", "uptime 5", "current /nix/store/a", "lock free", "end inspect-host", ""].join(
  "\n",
);
const doneBlock = [
  "state done",
  ...result.map((line) => `result ${line}`),
  "log bye",
  "end watch-attempt",
  "",
].join("\n");
const live = (state: string) => `state ${state}\nend watch-attempt\n`;
const never = async () => {};
const longMs = 60_000;

function following(silenceMs = longMs) {
  const output = new PassThrough();
  return { output, follower: reader(output, silenceMs, never) };
}

describe("reader", () => {
  it("tells each state as it comes, however the text is cut", async () => {
    const { output, follower } = following();
    output.write("state acti");
    setTimeout(() => output.write("vating\nend watch-att"), 5);
    setTimeout(() => output.write("empt\n"), 10);
    expect(await follower.next()).toEqual({ state: "activating" });
    output.write(live("confirm"));
    expect(await follower.next()).toEqual({ state: "confirm" });
  });

  it("skips what is out of date when it is asked again", async () => {
    const { output, follower } = following();
    output.write(live("confirm") + live("confirm") + live("reverting"));
    expect(await follower.next()).toEqual({ state: "reverting" });
  });

  it("tells the end together with what the host runs then", async () => {
    const { output, follower } = following();
    output.write(live("committing") + doneBlock);
    setTimeout(() => output.end(look), 20);
    const end = await follower.next();
    expect(end).toMatchObject({ state: "done", log: "bye", result: { outcome: "deployed", generation: 3 } });
    expect(end).toMatchObject({ host: { current: "/nix/store/a" } });
  });

  it("knows a result without what the host runs, where that was cut", async () => {
    const { output, follower } = following();
    output.end(doneBlock + look.replace("end inspect-host\n", ""));
    expect(await follower.next()).toMatchObject({ state: "done", host: undefined });
  });

  it("is at its end when the host is silent or the connection has ended", async () => {
    expect(await following(20).follower.next()).toBeUndefined();
    const { output, follower } = following();
    output.end("state confirm\n");
    expect(await follower.next()).toBeUndefined();
    expect(await follower.next()).toBeUndefined();
  });

  it("fails for a result that cannot be understood", async () => {
    const { output, follower } = following();
    output.write(doneBlock.replace("deployed", "dancing"));
    await expect(follower.next()).rejects.toThrow(ZodError);
  });
});

describe("watch-attempt.sh", () => {
  let folder: string;
  let children: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "follow-"));
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  const enter = (state: string) => {
    writeFileSync(path.join(folder, "a/state.new"), `${state}\n`);
    renameSync(path.join(folder, "a/state.new"), path.join(folder, "a/state"));
  };
  const start = (seconds: number) => {
    const program =
      'printf "boot-id 1-2\\nuptime 5\\ncurrent %s %s\\nlock free\\nend inspect-host\\n" "$1" "$2"';
    const args = [
      remoteScriptPath("deploy/watch-attempt"),
      path.join(folder, "a"),
      String(seconds),
      program,
      "/run/x",
      "/var/y",
    ];
    const child = spawn("bash", args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    return { child, follower: reader(child.stdout, longMs, never) };
  };

  it("tells the state it finds, signs of life, each change and the end", async () => {
    mkdirSync(path.join(folder, "a"));
    const { follower } = start(60);
    expect(await follower.next()).toEqual({ state: "prepared" });
    expect(await follower.next()).toEqual({ state: "prepared" });
    enter("activating");
    let news = await follower.next();
    // A sign of life may have been on its way.
    while (news?.state === "prepared") news = await follower.next();
    expect(news).toEqual({ state: "activating" });
    writeFileSync(path.join(folder, "a/result"), `${result.join("\n")}\n`);
    writeFileSync(path.join(folder, "a/log"), "bye\n");
    enter("done");
    while (news?.state === "activating") news = await follower.next();
    expect(news).toMatchObject({ state: "done", log: "bye", host: { current: "/run/x /var/y" } });
  });

  it("says that an attempt is not there", async () => {
    expect(await start(60).follower.next()).toEqual({ state: "lost" });
  });

  it("ends by itself when nothing comes of it", async () => {
    mkdirSync(path.join(folder, "a"));
    const { child } = start(1);
    const [code]: unknown[] = await once(child, "exit");
    expect(code).toBe(0);
  });
});

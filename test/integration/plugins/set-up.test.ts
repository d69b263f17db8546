import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goObstacle } from "../../harness/toolchain/go-build.ts";
import { createContext } from "../../harness/toolchain/toolchain.ts";

const main = fileURLToPath(new URL("../../harness/toolchain/main.ts", import.meta.url));
const tsx = fileURLToPath(new URL("../../../node_modules/.bin/tsx", import.meta.url));
const canBuild = (await goObstacle(createContext({}))) === undefined;
const component = "plugin-command";

/** The real set-up program, with a home and a toolchain folder of its own, building the smallest component. */
describe.runIf(canBuild)("interrupted set-up", { timeout: 600_000 }, () => {
  let root: string;
  let environment: Record<string, string>;
  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), "set-up-test-"));
    const home = path.join(root, "home");
    mkdirSync(path.join(home, ".pulumi"), { recursive: true });
    mkdirSync(path.join(home, ".ssh"));
    writeFileSync(path.join(home, ".pulumi", "credentials.json"), '{"current":"https://login.test"}');
    writeFileSync(path.join(home, ".ssh", "config"), "Host *\n");
    const { stdout } = await execa("go", ["env", "GOMODCACHE", "GOCACHE"]);
    const [modules = "", cache = ""] = stdout.split("\n");
    environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      // Go's caches are the user's to share; everything else that would land in a home shows.
      GOMODCACHE: modules,
      GOCACHE: cache,
      FLEET_TEST_TOOLCHAIN_DIR: path.join(root, "toolchain"),
      FLEET_TEST_TOOLCHAIN_FROM: "built",
    };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const start = () =>
    spawn(tsx, [main, "set-up", component], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const finish = () =>
    execa(tsx, [main, "set-up", component], { env: environment, extendEnv: false, reject: false });
  const made = () =>
    readdirSync(path.join(root, "toolchain")).filter((name) => name.startsWith(`${component}-`));
  const compilerRuns = () => processesUnder(root).length > 0;

  it.each(["SIGKILL", "SIGINT"] as const)("by %s is completed by the next run", async (signal) => {
    const first = start();
    const ended = once(first, "exit");
    await until(compilerRuns);
    for (const pid of [...childrenOf(first.pid ?? 0), first.pid ?? 0]) process.kill(pid, signal);
    await ended;
    await until(() => !compilerRuns());
    const [folder] = made();
    expect(existsSync(path.join(root, "toolchain", folder ?? "", ".complete.json"))).toBe(false);

    const second = await finish();
    expect(second.stdout).toBe(`${component}: 1.2.1, stand-in, built from source`);
    const done = path.join(root, "toolchain", folder ?? "");
    expect(readdirSync(done).sort()).toEqual([".complete.json", "pulumi-resource-command"]);

    const third = await finish();
    expect(third.stderr).not.toContain("building");
    expect(third.stdout).toBe(second.stdout);
  });

  it("leaves the home as it was", async () => {
    const before = contents(environment["HOME"] ?? "");
    const run = await finish();
    expect(run.exitCode).toBe(0);
    const described = await execa(tsx, [main, "describe", "--json"], { env: environment, extendEnv: false });
    expect(JSON.parse(described.stdout)).toHaveProperty("ready", false);
    expect(contents(environment["HOME"] ?? "")).toEqual(before);
  });
});

function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(files.map((file) => [file, textOf(file)]));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "folder";
  }
}

/** Processes whose environment points their scratch files below `folder`: the Go compiler and what it starts. */
function processesUnder(folder: string): number[] {
  return allProcesses().filter((pid) => readProc(pid, "environ").includes(`GOTMPDIR=${folder}`));
}

function childrenOf(parent: number): number[] {
  const direct = allProcesses().filter(
    (pid) => / [A-Za-z] (\d+) /.exec(readProc(pid, "stat"))?.[1] === `${parent}`,
  );
  // Groups of their own (compilers) must end without being told.
  return direct.filter((pid) => readProc(pid, "cmdline").includes("main.ts"));
}

function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("waited two minutes in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  type RunOptions,
  type RunResult,
  run,
  withoutPulumiSecrets,
} from "../../../runtime/platform/run-command.ts";
import { withFileLock } from "../toolchain/file-lock.ts";
import { fleetFolder } from "./fleet-folder.ts";
import { must } from "./must.ts";
import { sweepStaleWorlds } from "./stale-worlds.ts";
import { type WorldDescription, worldDescription, worldDescriptionPath } from "./world-support.ts";

/** How a world is made. */
export interface WorldOptions {
  /** Folder for machines and volumes; one world at a time. Default: a new one under `.fleet/worlds`, removed by `close`. */
  readonly stateDir?: string;
  /** Folder shown as /nix unless this machine has a Nix of its own. Default: `nix` in the state folder. */
  readonly nixDir?: string;
  /** Added to the environment of everything run in it, and of what makes it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `true`: it lives on when this process ends, until `stopWorld`. Default: it ends with this process, however that ends. */
  readonly detached?: boolean;
}

/** A process tree with network, mounts and process ids of its own; see `startWorld`. */
export interface World {
  /** Process, as seen from outside, whose death ends the world and all in it. For `joinWorld` and `stopWorld`. */
  readonly pid: number;
  readonly id: string;
  readonly stateDir: string;
  /** Runs a program in the world to its end; same result rules as `run`. */
  exec(command: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Starts a program in the world with the given standard streams; it ends with the world at the latest. */
  spawn(command: readonly string[], options?: JoinOptions): ChildProcess;
  /** Ends everything in it and removes its files. Safe to call again. */
  close(): Promise<void>;
}

/** How a program is started in a running world. */
export interface JoinOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** As in `child_process.spawn`; default: this process's own streams. */
  readonly stdio?: "inherit" | "ignore" | "pipe" | readonly ("ignore" | "pipe" | "inherit" | number)[];
  /** A session of its own, so that the terminal's signals do not reach it. */
  readonly detached?: boolean;
}

const initScript = fileURLToPath(new URL("world-init.sh", import.meta.url));
const startTimeoutMs = 30_000;

/**
 * Starts a world: one process tree in network, mount and pid namespaces of its own, with the bridge `br0` (198.51.100.1/24,
 * 2001:db8::1/64, fe80::1) and no route to anywhere else, and a private /nix. Nothing of this machine is changed. The end of
 * its first process (`World.pid`), even by kill -9, ends every process, namespace, mount and loop device in it.
 *
 * @throws Error when the state folder belongs to a running world, or the kernel refuses
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  // A world that is just starting must not look like a stale one to another process.
  return await withFileLock(path.join(fleetFolder, "worlds.lock"), undefined, async () => {
    await sweepStaleWorlds();
    return await startUnswept(options);
  });
}

async function startUnswept(options: WorldOptions): Promise<World> {
  const id = randomBytes(4).toString("hex");
  const stateDir = path.resolve(options.stateDir ?? path.join(fleetFolder, "worlds", id));
  await mkdir(stateDir, { recursive: true });
  const description: WorldDescription = { id, stateDir };
  const nixDir = hasOwnNix() ? "" : path.resolve(options.nixDir ?? path.join(stateDir, "nix"));
  const arrangement = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"];
  const init = ["bash", initScript, stateDir, nixDir, JSON.stringify(description)];
  const bound = options.detached === true ? [] : ["setpriv", "--pdeathsig", "KILL"];
  const [program = "", ...args] = [...bound, ...arrangement, ...init];
  const environment = { ...options.environment };
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = await becomesReady(child);
  return {
    pid,
    id,
    stateDir,
    exec: (command, runOptions) => execInWorld(pid, command, runOptions, environment),
    spawn: (command, joinOptions = {}) =>
      joinWorld(pid, command, {
        ...joinOptions,
        environment: { ...(joinOptions.environment ?? withoutPulumiSecrets()), ...environment },
      }),
    close: async () => {
      await stopWorld(pid, stateDir);
      await removeState(stateDir, options.stateDir === undefined);
    },
  };
}

/** Command line that runs `command` in the world whose first process is `pid`. */
function inWorld(pid: number, command: readonly string[], cwd: string = process.cwd()): string[] {
  const namespaces = ["--net", "--mount", `--pid=/proc/${pid}/ns/pid_for_children`];
  return ["nsenter", `--target=${pid}`, ...namespaces, "--", "env", `--chdir=${cwd}`, ...command];
}

/**
 * Starts a program in a running world, also one that another process started.
 *
 * @throws Error when there is no world with this first process
 */
export function joinWorld(pid: number, command: readonly string[], options: JoinOptions = {}): ChildProcess {
  const [program = "", ...args] = inWorld(pid, command, options.cwd);
  return spawn(program, args, {
    env: { ...(options.environment ?? withoutPulumiSecrets()), ...worldEnvironment(pid) },
    stdio:
      options.stdio === undefined || typeof options.stdio === "string"
        ? (options.stdio ?? "inherit")
        : [...options.stdio],
    detached: options.detached === true,
  });
}

/** What the world whose first process is `pid` says about itself; undefined when there is none (any more). */
export function describeWorld(pid: number): WorldDescription | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/root${worldDescriptionPath}`, "utf8");
    return worldDescription.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Kills a world and waits until nothing of it is left; does nothing when there is none with this first process. */
export async function stopWorld(pid: number, stateDir = describeWorld(pid)?.stateDir): Promise<void> {
  if (stateDir === undefined) return;
  if (describeWorld(pid)?.stateDir === stateDir) process.kill(pid, "SIGKILL");
  if (!existsSync(path.join(stateDir, "lock"))) return;
  // Its process 1 holds the lock as long as it lives.
  await must("flock", ["--timeout", "20", path.join(stateDir, "lock"), "true"]);
}

async function execInWorld(
  pid: number,
  command: readonly string[],
  options: RunOptions,
  environment: Readonly<Record<string, string>>,
): Promise<RunResult> {
  const { cwd, ...rest } = options;
  const [program = "", ...args] = inWorld(pid, command, cwd);
  const env = { ...(options.env ?? withoutPulumiSecrets()), ...environment, ...worldEnvironment(pid) };
  return await run(program, args, { ...rest, env });
}

function worldEnvironment(pid: number): Record<string, string> {
  const description = describeWorld(pid);
  if (description === undefined) throw new Error(`process ${pid} is not a running world`);
  return { FLEET_TEST_WORLD: description.id };
}

async function removeState(stateDir: string, all: boolean): Promise<void> {
  const parts = all ? [""] : ["machines", "commands", "root", "volumes", "lock"];
  for (const part of parts) await rm(path.join(stateDir, part), { recursive: true, force: true });
}

/** Whether the `nix` on PATH is this machine's own, not the toolchain's: its store stays what it is in a world. */
function hasOwnNix(): boolean {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const nix = folders.map((folder) => path.join(folder, "nix")).find((file) => existsSync(file));
  const toolchain = process.env["FLEET_TEST_TOOLCHAIN_DIR"];
  const ours = toolchain === undefined ? [fleetFolder] : [fleetFolder, path.resolve(toolchain)];
  if (nix === undefined || ours.some((folder) => nix.startsWith(`${folder}/`))) return false;
  return existsSync("/nix/store");
}

async function becomesReady(child: ChildProcess): Promise<number> {
  let output = "";
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let deadline: NodeJS.Timeout | undefined;
  const outcome = await new Promise<string>((resolve) => {
    deadline = setTimeout(() => resolve(`not ready after ${startTimeoutMs / 1000} s`), startTimeoutMs);
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("ready\n")) resolve("ready");
    });
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`its first process ended with ${signal ?? code}`));
  });
  clearTimeout(deadline);
  child.removeAllListeners();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  if (outcome === "ready" && child.pid !== undefined) return child.pid;
  child.kill("SIGKILL");
  throw new Error(`cannot start a world: ${outcome}: ${errors.trim()}`);
}

import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { execa } from "execa";
import type { Limits } from "./limits.ts";

/**
 * How one external program is started. Its deadline ends the whole process group; its reporter receives standard error (and standard
 * output unless `quiet`) as it comes.
 */
export interface RunOptions extends Limits {
  /** Complete environment; default: ours without Pulumi's secrets (`withoutPulumiSecrets`). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array | Readable;
  /** Receives standard output byte by byte instead of the result, which then holds none of it. */
  readonly output?: Writable;
  /** Do not log standard output. */
  readonly quiet?: boolean;
  /** Most it may print on one stream; more ends it. Default: 100 MB. */
  readonly maxBytes?: number;
}

/** What came of it. Nothing is thrown for a non-zero exit: callers decide what it means. */
export interface RunResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  /** Signal that ended it, such as SIGTERM. */
  readonly signal: string | undefined;
  /** `ok` is exit code 0 and nothing else. */
  readonly ok: boolean;
}

const pulumiSecrets = [
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_ACCESS_TOKEN",
  "HCLOUD_TOKEN",
  "SCW_SECRET_KEY",
];

/** Our environment without what only Pulumi may know: local commands inherit the engine's passphrase and tokens. */
export function withoutPulumiSecrets(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        !pulumiSecrets.includes(entry[0]) &&
        !entry[0].startsWith("PULUMI_COMMAND_"),
    ),
  );
}

/** Runs a program to its end, in a process group of its own that is ended with it. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = execa(command, [...args], {
    env: { ...(options.env ?? withoutPulumiSecrets()) },
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    detached: true,
    reject: false,
    encoding: "utf8",
    ...(options.maxBytes === undefined ? {} : { maxBuffer: options.maxBytes }),
    ...(options.output === undefined ? {} : { buffer: { stdout: false } as const }),
  });
  if (options.output !== undefined) child.stdout?.pipe(options.output);
  const guard = guardProcessGroup(child.pid, options.timeoutSeconds, options.signal);
  // Whoever was handed its output may hold it open after its end: ssh(1) hands it to the master of a shared connection.
  child.nodeChildProcess.once("exit", () => {
    if (guard.timedOut || guard.cancelled)
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, drainMs).unref();
  });
  if (options.reporter !== undefined) {
    // Whole lines: a secret cut in two by a chunk's end would escape the redactor.
    const log = options.reporter.detail;
    if (child.stderr !== null) createInterface({ input: child.stderr }).on("line", log);
    if (child.stdout !== null && options.quiet !== true && options.output === undefined)
      createInterface({ input: child.stdout }).on("line", log);
  }
  try {
    const result = await child;
    const notStarted = result.exitCode === undefined && result.signal === undefined;
    return {
      exitCode: result.exitCode,
      stdout: result.stdout ?? "",
      stderr: (notStarted ? result.shortMessage : result.stderr) ?? "",
      timedOut: guard.timedOut,
      cancelled: guard.cancelled,
      signal: result.signal,
      ok: result.exitCode === 0,
    };
  } finally {
    guard.release();
  }
}

const killGraceMs = 3000;
/** What an ended program wrote last is read within this. */
const drainMs = 200;

/** Ends the child's whole process group at the deadline or when cancelled: SIGTERM, then SIGKILL. */
function guardProcessGroup(pid: number | undefined, timeoutSeconds: number, signal?: AbortSignal) {
  const guard = { timedOut: false, cancelled: false, release: () => {} };
  const end = () => {
    signalProcessGroup(pid, "SIGTERM");
    setTimeout(() => signalProcessGroup(pid, "SIGKILL"), killGraceMs).unref();
  };
  const timer = setTimeout(() => {
    guard.timedOut = true;
    end();
  }, timeoutSeconds * 1000);
  const onAbort = () => {
    guard.cancelled = true;
    end();
  };
  guard.release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  return guard;
}

/** Signals all processes of a group; one that is gone already is what was asked for. */
export function signalProcessGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { execa } from "execa";
import { anySignal, type Limits, timeoutSignal } from "./limits.ts";

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

const killGraceMs = 3000;
/** What an ended program wrote last is read within this. */
const drainMs = 200;

/** Runs a program to its end, in a process group of its own: the deadline or the signal ends all of it, by SIGTERM, then SIGKILL. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const deadline = timeoutSignal(options.timeoutSeconds);
  const end = anySignal(options.signal, deadline);
  const child = execa(command, [...args], {
    env: { ...(options.env ?? withoutPulumiSecrets()) },
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    detached: true,
    cancelSignal: end,
    killDescendants: true,
    forceKillAfterDelay: killGraceMs,
    reject: false,
    encoding: "utf8",
    ...(options.maxBytes === undefined ? {} : { maxBuffer: options.maxBytes }),
    ...(options.output === undefined ? {} : { buffer: { stdout: false } as const }),
  });
  if (options.output !== undefined) child.stdout?.pipe(options.output);
  const exited = new Promise<void>((resolve) => child.nodeChildProcess.once("exit", () => resolve()));
  const release = () => {
    // A process that was handed its output may hold it open after its end: ssh(1) hands it to the master of a shared connection.
    setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, drainMs).unref();
    // execa ends the rest of the group only as long as it waits for output.
    setTimeout(() => child.kill("SIGKILL"), killGraceMs).unref();
  };
  end.addEventListener("abort", () => void exited.then(release), { once: true });
  if (options.reporter !== undefined) {
    // Whole lines: a secret cut in two by a chunk's end would escape the redactor.
    const log = options.reporter.detail;
    if (child.stderr !== null) createInterface({ input: child.stderr }).on("line", log);
    if (child.stdout !== null && options.quiet !== true && options.output === undefined)
      createInterface({ input: child.stdout }).on("line", log);
  }
  const result = await child;
  const notStarted = result.exitCode === undefined && result.signal === undefined;
  const timedOut = result.isCanceled && end.reason === deadline.reason;
  return {
    exitCode: result.exitCode,
    stdout: result.stdout ?? "",
    stderr: (notStarted ? result.shortMessage : result.stderr) ?? "",
    timedOut,
    cancelled: result.isCanceled && !timedOut,
    signal: result.signal,
    ok: result.exitCode === 0,
  };
}

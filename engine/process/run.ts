import { createInterface } from "node:readline";
import { execa } from "execa";
import type { Reporter } from "../progress/reporter.ts";

/** How one external program is started. */
export interface RunOptions {
  /** Complete environment; default: ours without Pulumi's secrets (`withoutPulumiSecrets`). */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Deadline; the whole process group is ended after it. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Receives standard error (and standard output unless `quiet`) as it comes. */
  readonly reporter?: Reporter;
  /** Do not log standard output. */
  readonly quiet?: boolean;
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
    stripFinalNewline: true,
    encoding: "utf8",
  });
  let timedOut = false;
  let cancelled = false;
  const endGroup = (signal: NodeJS.Signals) => endProcessGroup(child.pid, signal);
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup("SIGTERM");
    setTimeout(() => endGroup("SIGKILL"), 3000).unref();
  }, options.timeoutSeconds * 1000);
  const onAbort = () => {
    cancelled = true;
    endGroup("SIGTERM");
    setTimeout(() => endGroup("SIGKILL"), 3000).unref();
  };
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { reporter } = options;
  if (reporter !== undefined) {
    child.stderr?.on("data", (chunk: Buffer) => reporter.detail(chunk.toString()));
    if (options.quiet !== true)
      child.stdout?.on("data", (chunk: Buffer) => reporter.detail(chunk.toString()));
  }
  try {
    const result = await child;
    const failure =
      result instanceof ExecaError && result.exitCode === undefined && result.signal === undefined;
    return {
      exitCode: result.exitCode,
      stdout: result.stdout ?? "",
      stderr: failure ? result.shortMessage : (result.stderr ?? ""),
      timedOut,
      cancelled,
      signal: result.signal,
      ok: result.exitCode === 0,
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

function endProcessGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone: that is what was asked for.
  }
}

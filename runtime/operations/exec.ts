import pLimit from "p-limit";
import { stopwatch } from "../platform/deadline.ts";
import type { Cancellation } from "../platform/limits.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshTarget } from "../ssh/session.ts";

/** How a command on one host ended. */
export interface ExecResult {
  readonly host: string;
  /** null: the command did not run, or did not end. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code. */
  readonly error: string | null;
  readonly seconds: number;
}

/** Limits of a command on many hosts, and what becomes of its output. */
export interface ExecOptions extends Cancellation {
  /** Hosts at the same time. */
  readonly parallel: number;
  /** Seconds until a host that does not answer is given up. */
  readonly contactSeconds: number;
  /** Seconds the command may take on each host. */
  readonly timeoutSeconds: number;
  /** As root, where the user is not. */
  readonly elevate: boolean;
  /** Receives every line of output as it comes. */
  readonly onLine: (host: string, line: string) => void;
}

/**
 * Runs a command on hosts, several at once. One host's error is part of its result.
 * @param argv one word is a line for the host's shell, several are a program and its arguments
 */
export async function execOnHosts(
  targets: readonly SshTarget[],
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult[]> {
  const limit = pLimit(options.parallel);
  return await Promise.all(targets.map((target) => limit(() => execOnHost(target, argv, options))));
}

async function execOnHost(
  target: SshTarget,
  argv: readonly string[],
  { contactSeconds, timeoutSeconds, elevate, onLine, signal }: ExecOptions,
): Promise<ExecResult> {
  const elapsed = stopwatch();
  const { host } = target;
  const done = (result: Partial<ExecResult>): ExecResult => ({
    host,
    exitCode: null,
    stdout: "",
    stderr: "",
    error: null,
    ...result,
    seconds: elapsed(),
  });
  if (signal?.aborted === true) return done({ error: "not begun: stopped" });
  try {
    await using session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
    const [line = ""] = argv;
    const result = await session.run(argv.length === 1 ? ["sh", "-c", line] : argv, {
      timeoutSeconds,
      elevate,
      signal,
      reporter: lineReporter((text) => onLine(host, text)),
    });
    const { stdout, stderr, exitCode } = result;
    if (result.cancelled) return done({ stdout, stderr, error: "stopped" });
    if (result.timedOut) return done({ stdout, stderr, error: `did not end within ${timeoutSeconds} s` });
    // ssh(1), EXIT STATUS: its own trouble, unless the command says the same.
    if (exitCode === 255 && (await session.isLost(1)))
      return done({ stdout, stderr, error: "the connection broke" });
    return done({ stdout, stderr, exitCode: exitCode ?? null });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return done({ error: error.failure.seen });
  }
}

/** A reporter without a log, for output that is shown as it comes. */
function lineReporter(show: (line: string) => void): Reporter {
  return { progress: show, detail: show, redact: (text) => text, logFile: "", tail: () => "" };
}

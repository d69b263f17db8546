import { type InstallPhase, type InstallSpec, installPhases } from "../../../model/protocol/install.ts";
import { type Deadline, deadlineIn } from "../../platform/deadline.ts";
import type { WorkContext } from "../../platform/limits.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import type { RemoteRunOptions, SshSession } from "../../ssh/target.ts";

/** A phase of each install, or the path through the rescue system, which only some take. */
export type Phase = InstallPhase | "rescue";

/** What a phase needs to know of the work it is part of. */
export interface PhaseContext extends WorkContext {
  readonly spec: Pick<InstallSpec, "stack" | "host" | "deadlines">;
  /** Aborted by Ctrl-C, and when the process above us is gone. */
  readonly signal: AbortSignal;
}

/** What every part of an install needs. */
export interface InstallContext extends PhaseContext {
  readonly spec: InstallSpec;
  /** Host key of the rescue system that runs on the machine, and of the installer that was started from it. */
  readonly rescueKey?: string;
}

/**
 * Runs one phase under its own deadline, with one progress line.
 * @throws StepError: every error of a phase names host and phase, and points to the log.
 */
export async function runPhase<T>(
  context: PhaseContext,
  phase: Phase,
  what: string,
  work: (limits: Deadline) => Promise<T>,
): Promise<T> {
  const { spec, reporter, signal } = context;
  const limits = deadlineIn(spec.deadlines[phase]);
  reporter.progress(`${numberOf(phase)}${phase}: ${what}`);
  try {
    if (signal.aborted) throw phaseError(context, phase, "cancelled", resumeHint);
    return await work(limits);
  } catch (error) {
    if (!(error instanceof StepError))
      throw phaseError(context, phase, signal.aborted ? "cancelled" : String(error), resumeHint, error);
    throw new StepError({ host: spec.host, log: reporter.logFile, ...error.failure }, { cause: error });
  }
}

function numberOf(phase: Phase): string {
  if (phase === "rescue") return "";
  return `[${installPhases.indexOf(phase) + 1}/${installPhases.length}] `;
}

/** Interrupted installs continue by themselves. */
export const resumeHint = "run pulumi up again: it continues where this install stopped";

const tailLines = 15;
/** What tools say on their way, and what explains no failure. */
const chatter =
  /^### |^copying (path|\d+ paths)|ssh-copy-id: (INFO|WARNING)|\(if you think this is a mistake/;

/**
 * Runs one of our scripts on the machine, as part of a phase.
 * @returns what it prints
 * @throws StepError of the phase where it fails
 */
export async function phaseScript(
  context: PhaseContext,
  phase: Phase,
  session: SshSession,
  [name, ...args]: readonly [name: string, ...args: string[]],
  options: Pick<RemoteRunOptions, "timeoutSeconds" | "input" | "elevate">,
): Promise<string> {
  const { signal, reporter } = context;
  const result = await session.script(name, args, { signal, reporter, ...options });
  if (!result.ok) throw commandError(context, phase, result);
  return result.stdout;
}

/** The error of a command that failed in a phase: its own last words, and why it ended. */
export function commandError(
  context: PhaseContext,
  phase: Phase,
  result: RunResult,
  next = resumeHint,
): StepError {
  const why = describeEnd(context, phase, result);
  const said = `${result.stdout}\n${result.stderr}`
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "" && !chatter.test(line))
    .slice(-tailLines)
    .map((line) => `    ${context.reporter.redact(line).slice(0, 400)}`);
  return phaseError(context, phase, [why, ...said].join("\n"), next);
}

function describeEnd(context: PhaseContext, phase: Phase, result: RunResult): string {
  if (result.timedOut) return `not done within ${context.spec.deadlines[phase]} s`;
  if (result.cancelled) return "cancelled";
  if (result.exitCode === undefined) return `ended by ${result.signal ?? "an unknown cause"}`;
  return `exit code ${result.exitCode}`;
}

/** An error of one phase. */
export function phaseError(
  context: PhaseContext,
  phase: Phase,
  seen: string,
  next: string,
  cause?: unknown,
): StepError {
  const { host } = context.spec;
  return new StepError(
    { host, step: `install, phase ${phase},`, seen, next, log: context.reporter.logFile },
    cause === undefined ? {} : { cause },
  );
}

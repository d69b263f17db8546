import { setTimeout as sleep } from "node:timers/promises";
import type { HostLock } from "../lock/host-lock.ts";
import { runFolder, supervisorDoesNotRun } from "../lock/host-lock.ts";
import { StepError } from "../step-error.ts";
import {
  type Attempt,
  type AttemptContext,
  commandSeconds,
  type FinishedAttempt,
  nonceOf,
} from "./attempt.ts";
import { type LiveState, parseFollow, resultOfEntry, type Standing } from "./attempt-result.ts";
import { scriptOverFreshConnection } from "./fresh-connection.ts";
import { type HostState, parseHostState } from "./host-state.ts";
import { contactSeconds } from "./plan.ts";
import { recordFolder } from "./records.ts";
import { approvalOf, say } from "./words.ts";

/** How long the host holds one question about progress. Short: a connection cut by the activation must not eat up the time for confirming. */
const followSeconds = 2;
const followGraceSeconds = { shared: 5, fresh: 15 };
const pauseMs = 500;
/** How long a supervisor may take to leave its first state, where nobody has said that it runs. */
const startSeconds = 15;

const progressLines: Partial<Record<LiveState, string>> = {
  confirm: "activated, confirming over a new connection",
  committing: "confirmed, writing profile and boot entry",
  reverting: "the host goes back to the system it ran before",
};

/** Lets the host's supervisor bring the system into force, confirms it, and waits for its result. */
export async function carryOut(
  context: AttemptContext,
  lock: HostLock,
  attempt: Attempt,
): Promise<FinishedAttempt> {
  const start = await lock.start(attempt.folder);
  // A system that cuts the connection at once takes the word of its start along.
  const startUntil = start === "started" ? Number.POSITIVE_INFINITY : Date.now() + startSeconds * 1000;
  const approval = approvalOf(context, attempt);
  try {
    const { result, log } = await accompany(context, { ...attempt, startUntil }, () => approval.begin());
    if (result.rebooted) await awaitReturn(context, attempt);
    return { result, log, operatorChecks: await approval.end() };
  } finally {
    await approval.end();
  }
}

/** Each step may use its time in full: waiting for a busy switch, activation, verdicts, commit, the way back, contact, a reboot. */
function longestSeconds({ deadlines, plan }: AttemptContext & Attempt): number {
  const { activate, confirm, reboot } = deadlines;
  return 4 * activate + confirm + contactSeconds(plan) + plan.health.deadline + reboot + 3 * commandSeconds;
}

async function accompany(
  context: AttemptContext,
  attempt: Attempt & { readonly startUntil: number },
  onActivated: () => void,
): Promise<Extract<Standing, { state: "done" }>> {
  const { reporter, signal } = context;
  const deadline = Date.now() + longestSeconds({ ...context, ...attempt }) * 1000;
  let known = "-";
  let shown = "-";
  let via: "shared" | "fresh" = "shared";
  while (Date.now() < deadline) {
    const seen = await follow(context, attempt, known, via);
    if (signal?.aborted === true) throw cancelled(context, attempt);
    if (seen === undefined) {
      via = "fresh";
      await sleep(pauseMs);
      continue;
    }
    if (seen.state === "done") return seen;
    if (seen.state === "lost") return await afterReboot(context, attempt);
    if (seen.state === "prepared" && Date.now() > attempt.startUntil)
      throw supervisorDoesNotRun(context.session.target.host, attempt.folder, "nothing came of its start");
    const line = seen.state === shown ? undefined : progressLines[seen.state];
    if (line !== undefined) reporter.progress(line);
    shown = seen.state;
    if (seen.state === "confirm") onActivated();
    if (await answered(context, attempt, seen.state)) known = seen.state;
  }
  throw noContact(context, attempt);
}

/** Gives the supervisor what it waits for; true when it waits for nothing, or has got it. */
function answered(context: AttemptContext, attempt: Attempt, state: LiveState): Promise<boolean> {
  if (state === "confirm") return say(context, attempt, state, "confirmed");
  if (state === "reverted") return say(context, attempt, state, "contact");
  return Promise.resolve(true);
}

async function follow(
  { session, signal }: AttemptContext,
  attempt: Attempt,
  known: string,
  via: "shared" | "fresh",
): Promise<Standing | undefined> {
  const args = [attempt.folder, known, String(followSeconds)];
  const options = {
    timeoutSeconds: followSeconds + followGraceSeconds[via],
    quiet: true,
    ...(signal === undefined ? {} : { signal }),
  };
  const result =
    via === "shared"
      ? await session.script("follow", args, { ...options, elevate: true })
      : await scriptOverFreshConnection(session, "follow", args, options);
  if (!result.ok) return undefined;
  try {
    return parseFollow(result.stdout);
  } catch (error) {
    throw new StepError(
      {
        host: session.target.host,
        step: "reading the result",
        seen: `${attempt.folder}/result cannot be understood (is /run full?): ${result.stdout}`,
        next: "look at the host's state with `fleet status`, make room, then run it again",
      },
      { cause: error },
    );
  }
}

/** The host has rebooted: by its supervisor's own will, which stands in the history, or else. */
async function afterReboot(
  context: AttemptContext,
  attempt: Attempt,
): Promise<Extract<Standing, { state: "done" }>> {
  const state = await lookFresh(context);
  const entry = state?.lastDeployment;
  if (entry?.kind === "read" && entry.value.attempt === nonceOf(attempt))
    return { state: "done", result: resultOfEntry(entry.value), log: "" };
  throw lost(context, attempt, state);
}

async function lookFresh({ session, signal }: AttemptContext): Promise<HostState | undefined> {
  const result = await scriptOverFreshConnection(session, "inspect", [runFolder, recordFolder], {
    timeoutSeconds: commandSeconds,
    quiet: true,
    ...(signal === undefined ? {} : { signal }),
  });
  return result.ok ? parseHostState(result.stdout) : undefined;
}

/** Waits until a host that reboots by itself is back. */
async function awaitReturn(context: AttemptContext, attempt: Attempt): Promise<void> {
  const { reporter, deadlines, signal } = context;
  reporter.progress("the host reboots into the system it ran before");
  const deadline = Date.now() + deadlines.reboot * 1000;
  while (Date.now() < deadline && signal?.aborted !== true) {
    const state = await lookFresh(context);
    if (state !== undefined && state.bootId !== attempt.bootId) return;
    await sleep(pauseMs);
  }
  throw noContact(context, attempt);
}

function cancelled({ session, reporter }: AttemptContext, { plan }: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "deployment",
    seen: `cancelled; the host goes back to ${plan.oldSystem} by itself unless it was confirmed already`,
    next: "run it again: it continues from whatever the host then runs",
    log: reporter.logFile,
  });
}

function lost(
  { session, reporter }: AttemptContext,
  { plan }: Attempt,
  state: HostState | undefined,
): StepError {
  const runs = state?.current === undefined ? "" : `; it runs ${state.current}`;
  return new StepError({
    host: session.target.host,
    step: "activation",
    seen: `the host was rebooted while the system was being activated${runs}`,
    next: `run it again; it started ${plan.oldSystem}, which stayed its boot entry, unless it had committed already`,
    log: reporter.logFile,
  });
}

function noContact({ session, reporter }: AttemptContext, { plan }: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "confirmation",
    seen: "the host could not be reached again, neither after activation nor after it went back by itself",
    next: `look at its console: it runs ${plan.oldSystem} unless that could not be restored; a reboot starts it`,
    log: reporter.logFile,
  });
}

import { setTimeout as sleep } from "node:timers/promises";
import { endpointsOf } from "../../model/protocol/connection.ts";
import { recordFolder } from "../host/deployment-records.ts";
import { type HostState, parseHostState } from "../host/host-state.ts";
import type { HostLock } from "../host/lock/host-lock.ts";
import { runFolder, supervisorDoesNotRun } from "../host/lock/host-lock.ts";
import { type Deadline, deadlineIn } from "../platform/deadline.ts";
import { pollUntil } from "../platform/poll-until.ts";
import { StepError } from "../platform/step-error.ts";
import { scriptOverFreshConnection } from "../ssh/new-connection.ts";
import {
  type Attempt,
  type AttemptContext,
  commandSeconds,
  type FinishedAttempt,
  nonceOf,
} from "./attempt.ts";
import { type LiveState, resultOfEntry } from "./attempt-result.ts";
import { supervisorContactSeconds } from "./attempt-spec.ts";
import { operatorApproval, sendSignal } from "./confirm.ts";
import { confirmationEndpoints } from "./endpoint-change.ts";
import {
  type AttemptEvent,
  type AttemptWatcher,
  type ConnectionKind,
  watchAttempt,
} from "./watch-attempt.ts";

const pauseMs = 500;
/** How long a supervisor may take to leave its first state, where nothing has reported that it runs. */
const startSeconds = 15;

const progressLines: Partial<Record<LiveState, string>> = {
  confirm: "activated, confirming over a new connection",
  committing: "confirmed, writing profile and boot entry",
  reverting: "the host rolls back to the system it ran before",
};

/** @param via a place: over a new connection to it */
function followVia(context: AttemptContext, attempt: Attempt, via: ConnectionKind): AttemptWatcher {
  const { session, signal } = context;
  const seconds = longestSeconds(context, attempt);
  return watchAttempt(session, attempt.folder, via, { seconds, signal });
}

/** Lets the host's supervisor activate the system, confirms it, and waits for its result. */
export async function activate(
  context: AttemptContext,
  lock: HostLock,
  attempt: Attempt,
): Promise<FinishedAttempt> {
  const approval = operatorApproval(context, attempt);
  const follower = followVia(context, attempt, "shared");
  try {
    const start = await lock.start(attempt.folder);
    // A system that cuts the connection at once takes the word of its start along.
    const startBy = deadlineIn(start === "started" ? Number.POSITIVE_INFINITY : startSeconds);
    const end = await superviseAttempt(context, { attempt, follower, startBy }, () => approval.begin());
    const { result, log, host } = end;
    if (result.rebooted) await awaitReturn(context, attempt);
    return { result, log, host, operatorChecks: await approval.end() };
  } finally {
    await Promise.all([approval.end(), follower.end()]);
  }
}

/** Each step may use its time in full: waiting for a busy switch, activation, verdicts, commit, rollback, contact, a reboot. */
function longestSeconds({ deadlines }: AttemptContext, { plan }: Attempt): number {
  const { activate, confirm, reboot } = deadlines;
  const judging = plan.health.settle + 2 * plan.health.deadline;
  return 4 * activate + confirm + supervisorContactSeconds(plan) + judging + reboot + 3 * commandSeconds;
}

type End = Extract<AttemptEvent, { state: "done" }>;

/** An attempt on its way, and until when it may stay without a first state. */
interface StartedAttempt {
  readonly attempt: Attempt;
  readonly follower: AttemptWatcher;
  readonly startBy: Deadline;
}

async function superviseAttempt(
  context: AttemptContext,
  { attempt, follower: first, startBy }: StartedAttempt,
  onActivated: () => void,
): Promise<End> {
  const { session, reporter, signal } = context;
  const deadline = deadlineIn(longestSeconds(context, attempt));
  // A host that moves is asked where it will be, and where it was, in turn.
  const places = endpointsOf(session.target.connection);
  let tried = 0;
  let follower = first;
  let answeredState = "-";
  const saying = confirmationEndpoints(context, commandSeconds);
  let shown = "-";
  try {
    while (deadline.remaining() > 0) {
      const seen = await nextNews(context, attempt, follower);
      if (signal?.aborted === true) throw cancelled(context, attempt);
      if (seen === undefined) {
        await follower.end();
        await sleep(pauseMs);
        follower = followVia(context, attempt, places[tried % places.length] ?? session.place);
        tried += 1;
        continue;
      }
      if (seen.state === "done") return seen;
      if (seen.state === "lost") return await afterReboot(context, attempt);
      if (seen.state === "prepared" && startBy.remaining() === 0)
        throw supervisorDoesNotRun(session.target.host, attempt.folder, "it did not start");
      const line = seen.state === shown ? undefined : progressLines[seen.state];
      if (line !== undefined) reporter.progress(line);
      shown = seen.state;
      if (seen.state === "confirm") onActivated();
      if (seen.state !== answeredState && (await answered(context, attempt, seen.state, saying)))
        answeredState = seen.state;
    }
    throw noContact(context, attempt);
  } finally {
    await follower.end();
  }
}

/** Gives the supervisor what it waits for; true when it waits for nothing, or has got it. */
function answered(
  context: AttemptContext,
  attempt: Attempt,
  state: LiveState,
  saying: ReturnType<typeof confirmationEndpoints>,
): Promise<boolean> {
  if (state === "confirm") return sendSignal(context, attempt, state, "confirmed", saying("confirmed"));
  if (state === "reverted") return sendSignal(context, attempt, state, "contact", saying("contact"));
  return Promise.resolve(true);
}

async function nextNews(
  { session }: AttemptContext,
  attempt: Attempt,
  follower: AttemptWatcher,
): Promise<AttemptEvent | undefined> {
  try {
    return await follower.next();
  } catch (error) {
    throw new StepError(
      {
        host: session.target.host,
        step: "reading the result",
        seen: `${attempt.folder}/result cannot be understood (is /run full?): ${String(error)}`,
        next: "check the host with `fleet status`, free space, then run it again",
      },
      { cause: error },
    );
  }
}

/** The host has rebooted: by its supervisor, which is recorded in the history, or otherwise. */
async function afterReboot(context: AttemptContext, attempt: Attempt): Promise<End> {
  const state = await lookFresh(context);
  const entry = state?.lastDeployment;
  if (entry?.kind === "read" && entry.value.attempt === nonceOf(attempt))
    return { state: "done", result: resultOfEntry(entry.value), log: "", host: undefined };
  throw lost(context, attempt, state);
}

async function lookFresh({ session, signal }: AttemptContext): Promise<HostState | undefined> {
  const result = await scriptOverFreshConnection(session, "host/inspect-host", [runFolder, recordFolder], {
    timeoutSeconds: commandSeconds,
    quiet: true,
    signal,
  });
  return result.ok ? parseHostState(result.stdout) : undefined;
}

/** Waits until a host that reboots by itself is back. */
async function awaitReturn(context: AttemptContext, attempt: Attempt): Promise<void> {
  const { reporter, deadlines, signal } = context;
  reporter.progress("the host reboots into the system it ran before");
  const look = async () => {
    if (signal?.aborted === true) throw noContact(context, attempt);
    return await lookFresh(context);
  };
  const isBack = (state: HostState | undefined) => state !== undefined && state.bootId !== attempt.bootId;
  const deadline = deadlineIn(deadlines.reboot);
  if (!isBack(await pollUntil(look, isBack, { deadline, pause: pauseMs / 1000, signal })))
    throw noContact(context, attempt);
}

function cancelled({ session, reporter }: AttemptContext, { plan }: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "deployment",
    seen: `cancelled; the host rolls back to ${plan.oldSystem} by itself unless it was already confirmed`,
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
    seen: "the host could not be reached again, neither after activation nor after it rolled back by itself",
    next: `check its console: it runs ${plan.oldSystem} unless that could not be restored; a reboot starts it`,
    log: reporter.logFile,
  });
}

import pLimit from "p-limit";
import { type HostState, inspectHost } from "../host/host-state.ts";
import { statusOf, type Verdict } from "../host/status-of-state.ts";
import { deadlineIn, stopwatch } from "../platform/deadline.ts";
import type { Cancellation } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { ConnectionError, openSession, type SshTarget } from "../ssh/session.ts";

/** One host to check, and the system it should run (null: not known). */
export interface StatusTarget {
  readonly target: SshTarget;
  readonly wanted: string | null;
  /** A host that may be away. Default: false. */
  readonly allowUnreachable?: boolean;
  /** Its last deployment did not find it. Default: false. */
  readonly pending?: boolean;
}

/** What was seen of one host. `seconds`: how long the check took; `away`: it may be, and it did not answer. */
export type HostStatus = {
  readonly host: string;
  readonly wanted: string | null;
  readonly seconds: number;
  readonly allowUnreachable?: boolean;
  readonly pending?: boolean;
} & (
  | { readonly reachable: true; readonly state: HostState; readonly verdict: Verdict }
  | { readonly reachable: false; readonly away?: boolean; readonly seen: string }
);

/** Limits of a check of many hosts. */
export interface StatusOptions extends Cancellation {
  /** Seconds one host may take. Default 15. */
  readonly hostSeconds?: number;
  /** Seconds all hosts together may take; a host not checked by then counts as unreachable. Default 60. */
  readonly overallSeconds?: number;
  /** Hosts checked at the same time. Default 16. */
  readonly parallel?: number;
}

/** Checks hosts at the same time, changes nothing, and never fails for a host: one that is dead costs its own time and no more. */
export async function readStatus(
  targets: readonly StatusTarget[],
  options: StatusOptions = {},
): Promise<HostStatus[]> {
  const { hostSeconds = 15, overallSeconds = 60, parallel = 16, signal } = options;
  const limit = pLimit(parallel);
  const deadline = deadlineIn(overallSeconds);
  return Promise.all(
    targets.map((target) =>
      limit(() => readHost(target, Math.min(hostSeconds, deadline.remaining()), signal)),
    ),
  );
}

async function readHost(
  { target, ...about }: StatusTarget,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<HostStatus> {
  const elapsed = stopwatch();
  const known = { host: target.host, ...about };
  const unseen = (seen: string, away: boolean) =>
    ({ ...known, reachable: false, away, seen, seconds: elapsed() }) as const;
  if (seconds <= 0) return unseen("no time was left to check it", false);
  try {
    await using session = await openSession(target, { timeoutSeconds: seconds, signal });
    const timeoutSeconds = Math.max(1, seconds - elapsed());
    const state = await inspectHost(session, { timeoutSeconds, signal });
    return { ...known, reachable: true, state, verdict: statusOf(state, about.wanted), seconds: elapsed() };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const unreachable = error instanceof ConnectionError && error.kind === "unreachable";
    return unseen(error.failure.seen, about.allowUnreachable === true && unreachable);
  }
}

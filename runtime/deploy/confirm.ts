import { setTimeout as sleep } from "node:timers/promises";
import type { CheckOutcome } from "../../model/health/check-result.ts";
import { operatorsOwn } from "../health/run-checks.ts";
import { scriptOverFreshConnection } from "../ssh/new-connection.ts";
import { type Attempt, type AttemptContext, commandSeconds } from "./attempt.ts";
import { needsApproval } from "./attempt-spec.ts";
import { type ConfirmTarget, confirmedAtPreviousEndpoint } from "./endpoint-change.ts";

const pauseMs = 500;

/**
 * Sends the supervisor a signal over a new connection: `confirmed` and `contact` say that the host can be reached.
 * @returns true once the host took it; false: no contact, or the host has moved on.
 */
export async function sendSignal(
  { session, reporter, signal }: AttemptContext,
  attempt: Attempt,
  state: "confirm" | "reverted",
  word: "confirmed" | "contact",
  saying: ConfirmTarget,
): Promise<boolean> {
  const result = await scriptOverFreshConnection(
    session,
    "deploy/signal-attempt",
    [attempt.folder, state, word],
    { ...saying, reporter, signal },
  );
  if (!result.ok) {
    reporter.detail(`${word}: exit code ${result.exitCode}: ${result.stderr}`);
    await sleep(pauseMs);
    return false;
  }
  const warning = word === "confirmed" ? confirmedAtPreviousEndpoint(session, result.place) : undefined;
  if (warning !== undefined) reporter.progress(warning);
  return true;
}

/** The operator's own judgement, made while the host makes its own. */
export interface Approval {
  /** Begins with the checks; safe to call again. */
  begin(): void;
  /** What they have found so far; ends those that still go on. */
  end(): Promise<readonly CheckOutcome[]>;
}

/** Runs the operator's checks and reports their results to the supervisor, over any connection that works. */
export function operatorApproval(context: AttemptContext, attempt: Attempt): Approval {
  const { session, reporter } = context;
  const { health } = attempt.plan;
  const stop = new AbortController();
  let running: Promise<readonly CheckOutcome[]> | undefined;
  const approve = async () => {
    const outcomes = await operatorsOwn(health.checks, { ...health, signal: stop.signal });
    if (stop.signal.aborted) return [];
    const word = outcomes.every(({ ok }) => ok) ? "approved" : "refused";
    reporter.detail(`checks of the operator: ${word}: ${JSON.stringify(outcomes)}`);
    const options = { timeoutSeconds: commandSeconds, reporter, signal: stop.signal };
    const args = [attempt.folder, "confirm", word];
    while (!stop.signal.aborted) {
      const shared = await session.script("deploy/signal-attempt", args, { ...options, elevate: true });
      if (shared.ok || (await scriptOverFreshConnection(session, "deploy/signal-attempt", args, options)).ok)
        break;
      await sleep(pauseMs);
    }
    return outcomes;
  };
  return {
    begin() {
      if (needsApproval(attempt.plan)) running ??= approve();
    },
    async end() {
      stop.abort();
      return (await running) ?? [];
    },
  };
}

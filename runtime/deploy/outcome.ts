import type { DeployResult } from "../../model/protocol/deploy.ts";
import type { HostState } from "../host/host-state.ts";
import { StepError } from "../platform/step-error.ts";
import type { AttemptContext, FinishedAttempt } from "./attempt.ts";
import { describeTrouble } from "./boot-units.ts";
import type { Decision } from "./plan-activation.ts";

/** What became of a host. */
export type DeployOutcome = Pick<DeployResult, "outcome" | "generation" | "rebootNeeded"> & {
  readonly rebooted?: boolean;
};

/** Of a host that runs what it should. */
export function unchanged({ generation, sameKernel }: HostState): DeployOutcome {
  return { outcome: "unchanged", generation: generation ?? null, rebootNeeded: !sameKernel };
}

/** What is being done, for people. */
export const progressMessages: Record<Exclude<Decision, "nothing">, string> = {
  switch: "activating",
  test: "activating for a test: the next boot starts the system as before",
  boot: "setting the system of the next boot",
  "dry-activate": "asking what an activation would do",
  record: "runs the wanted system already, making sure of profile and boot entry",
};

/** Of an attempt that did not fail. @param state what the host then runs */
export function toOutcome({ result }: FinishedAttempt, { sameKernel }: HostState): DeployOutcome {
  const { generation } = result;
  switch (result.outcome) {
    case "deployed":
      return { outcome: "deployed", generation, rebootNeeded: !sameKernel };
    case "tested":
      return { outcome: "deployed", generation: null, rebootNeeded: false };
    case "staged":
      return { outcome: "staged", generation, rebootNeeded: true };
    case "checked":
      return { outcome: "checked", generation: null, rebootNeeded: false };
    case "unchanged":
      return { outcome: "unchanged", generation, rebootNeeded: !sameKernel };
    case "failed":
      throw new Error("a failed attempt has no result");
  }
}

/** What did not count against the system, and should be known all the same. */
export function warn({ result }: FinishedAttempt, { reporter }: AttemptContext): void {
  for (const trouble of result.units) reporter.progress(`warning: ${describeTrouble(trouble)}`);
  if (result.reason === "inhibited")
    reporter.progress("critical parts differ (systemd, D-Bus): the system starts at the next boot");
}

/** An error that only says what it looks like to be cancelled says so instead. */
export function orCancelled(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true || !(error instanceof StepError)) return error;
  if (error.failure.seen.startsWith("cancelled")) return error;
  const next = "run it again: it continues from whatever the host then runs";
  return new StepError({ ...error.failure, seen: "cancelled", next }, { cause: error });
}

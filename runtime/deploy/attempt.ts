import { randomBytes } from "node:crypto";
import type { CheckOutcome } from "../../model/health/check-result.ts";
import type { DeploySpec } from "../../model/protocol/deploy.ts";
import type { AttemptResult, DeployRequest } from "../host/deployment-records.ts";
import type { HostState } from "../host/host-state.ts";
import { type HostLock, runFolder } from "../host/lock/host-lock.ts";
import type { WorkContext } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { type AttemptPlan, attemptFiles } from "./attempt-spec.ts";

/** One run of the supervisor on a host. */
export interface Attempt {
  /** Its folder on the host; the last part is a nonce, so that nothing older can confirm it. */
  readonly folder: string;
  readonly plan: AttemptPlan;
  /** Boot during which it was begun. */
  readonly bootId: string;
}

/** What every step of an attempt needs. */
export interface AttemptContext extends WorkContext {
  readonly session: SshSession;
  readonly deadlines: DeploySpec["deadlines"];
}

/** How the supervisor ended, with the end of its log, what the host runs then, and what the operator's own checks have found. */
export interface FinishedAttempt {
  readonly result: AttemptResult;
  readonly log: string;
  /** Undefined where the host has not reported it at the same time. */
  readonly host: HostState | undefined;
  readonly operatorChecks: readonly CheckOutcome[];
}

/** Time a short command may take, in seconds. */
export const commandSeconds = 20;

/** Makes the attempt's folder on the host and protects both systems from garbage collection. */
export async function prepareAttempt(
  { session, reporter }: AttemptContext,
  lock: HostLock,
  request: DeployRequest,
  { plan, bootId }: Pick<Attempt, "plan" | "bootId">,
): Promise<Attempt> {
  const nonce = randomBytes(16).toString("hex");
  const attempt: Attempt = { plan, bootId, folder: `${runFolder}/attempts/${nonce}` };
  const words = [attempt.folder, plan.oldSystem, plan.newSystem];
  const trouble = await lock.prepare(words, await attemptFiles(plan, request));
  if (trouble === undefined) return attempt;
  throw new StepError({
    host: session.target.host,
    step: "preparation",
    seen: trouble,
    next: "check free space on the host, then run it again; nothing was activated",
    log: reporter.logFile,
  });
}

/** The nonce, as it is in the host's history. */
export function nonceOf({ folder }: Attempt): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

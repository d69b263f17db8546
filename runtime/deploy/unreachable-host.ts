import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import type { Reporter } from "../platform/reporter.ts";
import { ConnectionError } from "../ssh/session.ts";

/** Seconds a host may take to answer: one that may be unreachable is not waited for as long as one that is always on. */
export function contactTimeout({
  allowUnreachable,
  deadlines,
}: Pick<DeploySpec, "allowUnreachable" | "deadlines">): number {
  const { contact, away = contact } = deadlines;
  return allowUnreachable === true ? Math.min(contact, away) : contact;
}

/** Whether an error says that a host that may be unreachable, or a jump host to it, does not answer. A wrong answer is not an absence. */
export function isUnreachable(
  spec: Pick<DeploySpec, "allowUnreachable">,
  error: unknown,
): error is ConnectionError {
  return spec.allowUnreachable === true && error instanceof ConnectionError && error.kind === "unreachable";
}

/** The result of a deployment that waits for its host. */
export function pendingResult(
  { host, system }: DeploySpec,
  error: ConnectionError,
  { reporter, seconds }: { readonly reporter: Reporter; readonly seconds: number },
): DeployResult {
  reporter.progress(`pending: ${error.failure.seen}; the next pulumi up tries again`);
  return {
    host,
    outcome: "pending",
    system: system.toplevel,
    previousSystem: null,
    generation: null,
    rebootNeeded: false,
    rebooted: false,
    seconds,
  };
}

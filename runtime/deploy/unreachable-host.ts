import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import type { Reporter } from "../platform/reporter.ts";
import { ConnectionError } from "../ssh/session.ts";

/** Seconds a host may take to answer: an optional one is not waited for as long as one that is always on. */
export function contactTimeout({ optional, deadlines }: Pick<DeploySpec, "optional" | "deadlines">): number {
  const { contact, away = contact } = deadlines;
  return optional === true ? Math.min(contact, away) : contact;
}

/** Whether an error says that an optional host, or a machine on the way to it, does not answer. Whoever answers wrongly is not away. */
export function isUnreachable(spec: Pick<DeploySpec, "optional">, error: unknown): error is ConnectionError {
  return spec.optional === true && error instanceof ConnectionError && error.kind === "unreachable";
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

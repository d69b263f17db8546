import pLimit from "p-limit";
import { redeployGeneration } from "../../deploy/deploy.ts";
import type { Cancellation } from "../../platform/limits.ts";
import type { Reporter } from "../../platform/reporter.ts";
import { StepError } from "../../platform/step-error.ts";
import { redeployBase } from "../redeploy-base.ts";
import type { InspectedHost } from "./inspect-hosts.ts";
import type { Step } from "./plan.ts";

/** How taking a host back ended. */
export type RollbackResult = Step &
  (
    | { readonly outcome: "rolled-back" }
    /** It starts the system at its next boot. */
    | { readonly outcome: "staged" }
    | { readonly outcome: "failed"; readonly seen: string }
    | { readonly outcome: "not-begun" }
  );

/** How hosts are rolled back. */
export interface RollbackOptions extends Cancellation {
  /** Hosts at the same time. */
  readonly parallel: number;
  readonly logDirectoryOf: (host: string) => string;
  readonly reporterOf: (looked: InspectedHost, logDirectory: string) => Reporter;
}

/**
 * Takes hosts back to the systems before, each as a deployment of its own: tested, healthy, confirmed, committed, or left as it was.
 * One host's error is part of its result.
 */
export async function rollBackHosts(
  steps: readonly Step[],
  looked: readonly InspectedHost[],
  options: RollbackOptions,
): Promise<RollbackResult[]> {
  const limit = pLimit(options.parallel);
  const known = new Map(looked.map((one) => [one.look.host, one]));
  const one = async (step: Step): Promise<RollbackResult> => {
    if (options.signal?.aborted === true) return { ...step, outcome: "not-begun" };
    const host = known.get(step.host);
    if (host?.found === undefined) throw new Error(`${step.host} was not checked`);
    try {
      return await rollBackHost(step, host, host.found, options);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      return { ...step, outcome: "failed", seen: `${error.failure.step}: ${error.failure.seen}` };
    }
  };
  return await Promise.all(steps.map((step) => limit(() => one(step))));
}

async function rollBackHost(
  step: Step,
  host: InspectedHost,
  { state, generations }: NonNullable<InspectedHost["found"]>,
  { logDirectoryOf, reporterOf, signal }: RollbackOptions,
): Promise<RollbackResult> {
  const logDirectory = logDirectoryOf(step.host);
  // The generation it was, so that no new one hides it.
  const generation = generations.findLast(({ system }) => system === step.to)?.number;
  const { outcome } = await redeployGeneration(
    redeployBase(host.target, state, logDirectory),
    { system: step.to, ...(generation === undefined ? {} : { generation }) },
    { reporter: reporterOf(host, logDirectory), signal },
  );
  return { ...step, outcome: outcome === "staged" ? "staged" : "rolled-back" };
}

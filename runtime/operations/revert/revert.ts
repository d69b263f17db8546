import pLimit from "p-limit";
import type { Health } from "../../../model/health/check.ts";
import { redeployGeneration } from "../../deploy/redeploy-generation.ts";
import type { Reporter } from "../../platform/reporter.ts";
import { StepError } from "../../platform/step-error.ts";
import type { InspectedHost } from "./inspect-hosts.ts";
import type { Step } from "./plan.ts";

/** How taking a host back ended. */
export type RevertResult = Step &
  (
    | { readonly outcome: "reverted" }
    /** It starts the system at its next boot. */
    | { readonly outcome: "staged" }
    | { readonly outcome: "failed"; readonly seen: string }
    | { readonly outcome: "not-begun" }
  );

/** How hosts are taken back. */
export interface RevertOptions {
  /** Hosts at the same time. */
  readonly parallel: number;
  readonly healthOf: (host: string) => Health;
  readonly logDirectoryOf: (host: string) => string;
  readonly reporterOf: (looked: InspectedHost, logDirectory: string) => Reporter;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes hosts back to the systems before, each as a deployment of its own: tested, healthy, confirmed, committed, or left as it was.
 * One host's error is part of its result.
 */
export async function revertHosts(
  steps: readonly Step[],
  looked: readonly InspectedHost[],
  options: RevertOptions,
): Promise<RevertResult[]> {
  const limit = pLimit(options.parallel);
  const known = new Map(looked.map((one) => [one.look.host, one]));
  const one = async (step: Step): Promise<RevertResult> => {
    if (options.signal?.aborted === true) return { ...step, outcome: "not-begun" };
    const host = known.get(step.host);
    if (host?.found === undefined) throw new Error(`${step.host} was not looked at`);
    try {
      return await revertHost(step, host, host.found, options);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      return { ...step, outcome: "failed", seen: `${error.failure.step}: ${error.failure.seen}` };
    }
  };
  return await Promise.all(steps.map((step) => limit(() => one(step))));
}

async function revertHost(
  step: Step,
  host: InspectedHost,
  { state, generations }: NonNullable<InspectedHost["found"]>,
  { healthOf, logDirectoryOf, reporterOf, signal }: RevertOptions,
): Promise<RevertResult> {
  const logDirectory = logDirectoryOf(step.host);
  // The generation it was, so that no new one hides it.
  const generation = generations.findLast(({ system }) => system === step.to)?.number;
  const { outcome } = await redeployGeneration(
    host.target,
    state,
    { system: step.to, ...(generation === undefined ? {} : { generation }) },
    {
      ...{
        operation: "revert",
        health: healthOf(step.host),
        logDirectory,
        reporter: reporterOf(host, logDirectory),
      },
      signal,
    },
  );
  return { ...step, outcome: outcome === "staged" ? "staged" : "reverted" };
}

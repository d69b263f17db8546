import pLimit from "p-limit";
import { type HostState, inspectHost } from "../../host/host-state.ts";
import { isAsWanted, statusOf, type Verdict } from "../../host/status-of-state.ts";
import { deadlineIn, stopwatch } from "../../platform/deadline.ts";
import { describeExit } from "../../platform/describe-exit.ts";
import type { Cancellation, Limits } from "../../platform/limits.ts";
import { StepError } from "../../platform/step-error.ts";
import { ConnectionError, openSession, type SshSession, type SshTarget } from "../../ssh/session.ts";
import type { StatusTarget } from "../status.ts";
import { parseVitals, type Vitals, vitalsProblems } from "./vitals.ts";

/** What was found out about one host. `errors` is empty if it is well. */
export type HostCheck = { readonly host: string; readonly errors: readonly string[] } & (
  | {
      readonly reachable: true;
      readonly state: HostState;
      readonly verdict: Verdict;
      readonly vitals: Vitals;
      /** Seconds until the connection was open. */
      readonly contactSeconds: number;
    }
  | { readonly reachable: false }
);

/** Limits of a check of many hosts. */
export interface CheckOptions extends Cancellation {
  /** Seconds one host may take. */
  readonly hostSeconds: number;
  /** Hosts at the same time. */
  readonly parallel: number;
}

/** Checks hosts more closely than a status does; changes nothing, and never fails for a host. */
export async function checkHosts(
  targets: readonly StatusTarget[],
  options: CheckOptions,
): Promise<HostCheck[]> {
  const limit = pLimit(options.parallel);
  return await Promise.all(targets.map((target) => limit(() => checkHost(target, options))));
}

async function checkHost(
  { target, wanted, allowUnreachable }: StatusTarget,
  options: CheckOptions,
): Promise<HostCheck> {
  const elapsed = stopwatch();
  const deadline = deadlineIn(options.hostSeconds);
  const { signal } = options;
  const { host } = target;
  try {
    await using session = await openSession(target, { timeoutSeconds: deadline.left(), signal });
    const contactSeconds = elapsed();
    const state = await inspectHost(session, { timeoutSeconds: deadline.left(), signal });
    const vitals = await readVitals(session, target, { timeoutSeconds: deadline.left(), signal });
    const verdict = statusOf(state, wanted);
    const errors = [...stateProblems(state, verdict), ...vitalsProblems(vitals)];
    return { host, reachable: true, state, verdict, vitals, contactSeconds, errors };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const away =
      allowUnreachable === true && error instanceof ConnectionError && error.kind === "unreachable";
    return { host, reachable: false, errors: away ? [] : [`unreachable: ${error.failure.seen}`] };
  }
}

async function readVitals(session: SshSession, { host }: SshTarget, options: Limits): Promise<Vitals> {
  const before = Date.now();
  const result = await session.script("host/collect-vitals", [], { ...options, quiet: true });
  const vitals = result.ok ? parseVitals(result.stdout, { before, after: Date.now() }) : undefined;
  if (vitals !== undefined) return vitals;
  throw new StepError({ host, step: "check", seen: describeExit(result, options.timeoutSeconds) });
}

/** What is wrong with a host's state. @internal */
export function stateProblems(state: Pick<HostState, "failedUnits">, verdict: Verdict): string[] {
  const units = state.failedUnits;
  return [
    ...(isAsWanted(verdict) ? [] : [`its system is ${verdict}`]),
    ...(units.length === 0 ? [] : [`failed units: ${units.join(", ")}`]),
  ];
}

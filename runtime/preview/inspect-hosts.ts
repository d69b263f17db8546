import pLimit from "p-limit";
import type { PreviewMode } from "../../model/protocol/preview-modes.ts";
import type { SystemComparison } from "../../model/system-diff/comparison.ts";
import { type HostState, inspectHost } from "../host/host-state.ts";
import { deadlineIn } from "../platform/deadline.ts";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { ConnectionError, openSession, type SshSession, type SshTarget } from "../ssh/session.ts";
import { localSystems, systemsOf } from "./closure-source.ts";
import { type ComparisonRequest, compareSystems } from "./compare-systems.ts";
import type { RunningSystem } from "./system-description.ts";

/** One host to inspect. */
interface SurveyRequest {
  readonly target: SshTarget;
  /** System wanted on it; null while that is not known. */
  readonly wanted: string | null;
  /** What is to be known of the running system where it is not the wanted one. */
  readonly preview: PreviewMode;
}

/** What was seen of a host. `running`: null where there was nothing to compare; `away`: the host or a jump host to it does not answer. */
export type Inspection =
  | { readonly reachable: true; readonly state: HostState; readonly running: RunningSystem | null }
  | { readonly reachable: false; readonly away: boolean; readonly seen: string };

/** Limits of a survey. */
export interface SurveyLimits {
  /** Seconds one host may take. */
  readonly host: number;
  /** Seconds a host may take together with its wait for others. */
  readonly total: number;
}

/** Inspects hosts of one run. */
export interface HostInspector {
  /** Changes nothing, and never fails for a host: one that is dead costs its own time and no more. */
  look(request: SurveyRequest): Promise<Inspection>;
  /** `compareSystems`, one at a time: what a system is built from takes some hundred MB to read. */
  compare(request: ComparisonRequest): Promise<SystemComparison | undefined>;
}

/** Inspects many at the same time: a dead host costs mostly waiting. */
const parallel = 32;
const comparedTogether = 1;

/** Makes a survey: one connection a host, all hosts together, each with a deadline of its own and one for all. */
export function createSurvey(limits: SurveyLimits): HostInspector {
  const limit = pLimit(parallel);
  const comparing = pLimit(comparedTogether);
  return {
    compare: (request) => comparing(() => compareSystems(request)),
    look(request) {
      const deadline = deadlineIn(limits.total);
      return limit(() => lookAt(request, Math.min(limits.host, deadline.remaining())));
    },
  };
}

async function lookAt(request: SurveyRequest, seconds: number): Promise<Inspection> {
  if (seconds <= 0) return { reachable: false, away: false, seen: "no time was left to check it" };
  const deadline = deadlineIn(seconds);
  try {
    await using session = await openSession(request.target, { timeoutSeconds: seconds });
    const limits = () => ({ timeoutSeconds: deadline.left() });
    const state = await inspectHost(session, limits());
    return { reachable: true, state, running: await readRunning(request, session, state, limits) };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const away = error instanceof ConnectionError && error.kind === "unreachable";
    return { reachable: false, away, seen: error.failure.seen };
  }
}

/** What was built on this machine need not be asked for over the network; which units run only the host knows. */
async function readRunning(
  { wanted, preview }: SurveyRequest,
  session: SshSession,
  { current }: HostState,
  limits: () => Limits,
): Promise<RunningSystem | null> {
  if (preview === "off" || current === undefined || current === wanted) return null;
  const closure =
    (await localSystems(limits()).closure(current)) ?? (await systemsOf(session, limits()).closure(current));
  const description =
    preview === "full" ? await systemsOf(session, limits()).description(current, true) : undefined;
  return { path: current, closure, description };
}

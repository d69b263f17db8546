import { endpointsOf } from "../../model/protocol/connection.ts";
import type { DeploySpec } from "../../model/protocol/deploy.ts";
import { checkBeforeDeploy } from "../health/pre-deploy-checks.ts";
import type { DeployRequest } from "../host/deployment-records.ts";
import { type HostState, inspectHost } from "../host/host-state.ts";
import type { HostLock } from "../host/lock/host-lock.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { activate } from "./activation.ts";
import { type Attempt, type AttemptContext, type FinishedAttempt, prepareAttempt } from "./attempt.ts";
import { attemptPlan } from "./attempt-spec.ts";
import { attemptFailure } from "./deploy-error.ts";
import { withCurrentEndpoint } from "./endpoint-change.ts";
import { type DeployOutcome, progressMessages, toOutcome, warn } from "./outcome.ts";
import type { Decision } from "./plan-activation.ts";
import { noDelivery, openDelivery, type PrefetchedDelivery } from "./system-delivery.ts";

const inspectionSeconds = 30;

/** What is to be done on a locked host. */
export interface Replacement {
  readonly request: DeployRequest;
  readonly state: HostState;
  readonly decision: Exclude<Decision, "nothing">;
  /** The system is on the host already. `generation`: the profile is set back to that number. */
  readonly present: { readonly generation?: number } | undefined;
  readonly ahead: PrefetchedDelivery | undefined;
}

/**
 * Delivers the wanted system, lets the host's supervisor activate it, and verifies the result.
 * @throws StepError names the step, what was seen, and what runs now
 */
export async function replaceSystem(
  spec: DeploySpec,
  context: AttemptContext,
  lock: HostLock,
  task: Replacement,
): Promise<DeployOutcome> {
  const { session, reporter, deadlines } = context;
  const oldSystem = task.state.current;
  if (oldSystem === undefined)
    throw new StepError({
      host: spec.host,
      step: "inspection",
      seen: "the machine has no /run/current-system: it runs no NixOS",
      next: "install it first",
    });
  // A system that runs is there already.
  const travels = task.decision !== "record" && task.present === undefined;
  const plan = attemptPlan(spec, task.decision, oldSystem, {
    generation: task.present?.generation,
    sshPort: session.place.port,
  });
  if (task.decision !== "record") await checkBeforeDeploy(spec.preDeploy, session, context);
  let attempt: Attempt;
  {
    await using travel = travels ? await (task.ahead?.begin() ?? openDelivery(spec, context)) : noDelivery;
    await travel.prepare();
    attempt = await prepareAttempt(context, lock, task.request, { plan, bootId: task.state.bootId });
    await travel.deliver();
  }
  reporter.progress(progressMessages[task.decision]);
  const finished = await activate(context, lock, attempt);
  reporter.detail(finished.log);
  if (finished.result.outcome === "failed")
    throw attemptFailure(spec.host, finished, {
      oldSystem,
      confirmSeconds: deadlines.confirm,
      places: endpointsOf(spec.connection),
      checks: plan.health.checks,
      logFile: reporter.logFile,
    });
  warn(finished, context);
  return toOutcome(
    finished,
    await withCurrentEndpoint(context, (now) => verify(now, context, finished, spec)),
  );
}

/** Inspects the host once more: what the supervisor wrote is a claim, what the links say is a fact. */
async function verify(
  session: SshSession,
  { reporter, signal }: AttemptContext,
  { result, host }: FinishedAttempt,
  spec: DeploySpec,
): Promise<HostState> {
  const state = host ?? (await inspectHost(session, { timeoutSeconds: inspectionSeconds, reporter, signal }));
  const wanted = spec.system.toplevel;
  const shouldRun = ["deployed", "tested", "unchanged"].includes(result.outcome);
  const shouldBoot = ["deployed", "staged", "unchanged"].includes(result.outcome);
  const errors = [
    ...(shouldRun && state.current !== wanted ? [`it runs ${state.current ?? "no system"}`] : []),
    ...(shouldBoot && state.profile !== wanted ? [`its profile is ${state.profile ?? "empty"}`] : []),
  ];
  if (errors.length > 0)
    throw new StepError({
      host: spec.host,
      step: "verification",
      seen: `${errors.join(" and ")} instead of ${wanted}`,
      next: "find out who else changes this host, then run it again",
      log: reporter.logFile,
    });
  if (state.failedUnits.length > 0) reporter.progress(`failed units: ${state.failedUnits.join(", ")}`);
  return state;
}

import { describeCheck } from "../../model/health/check.ts";
import { endpointsOf } from "../../model/protocol/connection.ts";
import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import { checkBeforeDeploy } from "../health/pre-deploy-checks.ts";
import { type DeployRequest, type Operation, recordFolder } from "../host/deployment-records.ts";
import { type HostState, inspectHost, parseHostState } from "../host/host-state.ts";
import { identityPath } from "../host/identity-file.ts";
import { acquireHostLock, type HostLock } from "../host/lock/host-lock.ts";
import { operatorName } from "../host/lock/owner.ts";
import { stopwatch } from "../platform/deadline.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { activate } from "./activation.ts";
import { type Attempt, type AttemptContext, type FinishedAttempt, prepareAttempt } from "./attempt.ts";
import { attemptPlan } from "./attempt-spec.ts";
import { attemptFailure } from "./deploy-error.ts";
import { withCurrentEndpoint } from "./endpoint-change.ts";
import { OneshotBootFailed } from "./oneshot-boot.ts";
import { type DeployOutcome, orCancelled, progressMessages, toOutcome, unchanged, warn } from "./outcome.ts";
import { type Decision, decide } from "./plan-activation.ts";
import { isRebootDue, reboot } from "./reboot.ts";
import {
  canBuildEarly,
  noDelivery,
  openDelivery,
  type PrefetchedDelivery,
  prefetchDelivery,
} from "./system-delivery.ts";
import { contactTimeout, isUnreachable, pendingResult } from "./unreachable-host.ts";
import { checkDisks, recordDisks } from "./verify-disk-layout.ts";
import { verifyIdentity } from "./verify-identity.ts";
import { writeHostFile } from "./write-host-file.ts";

/** What a deployment reports to, and what ends it early. */
export interface DeployOptions {
  readonly reporter: Reporter;
  /** Ends it at any moment: a host that was not confirmed goes back by itself. */
  readonly signal?: AbortSignal | undefined;
  /** The wanted system is on the host already: nothing is built or copied. `generation`: the profile goes back to that number. */
  readonly present?: { readonly operation: Operation; readonly generation?: number };
}

const inspectionSeconds = 30;

/**
 * Brings one host to its wanted system, as a transaction: the host ends on the wanted system, confirmed over a new connection and
 * committed as profile and boot entry, or on the one it ran before.
 *
 * What runs already is only verified, with one look under the lock: no copy, no activation. A host with `allowUnreachable` that does not answer
 * is left for another time.
 * @throws StepError names the step, what was seen, and what runs now.
 */
export async function deploy(spec: DeploySpec, options: DeployOptions): Promise<DeployResult> {
  const elapsed = stopwatch();
  const target = { host: spec.host, connection: spec.connection, hostKeys: [spec.hostKey] };
  let session: SshSession;
  try {
    session = await openSession(target, { ...options, timeoutSeconds: contactTimeout(spec) });
  } catch (error) {
    if (!isUnreachable(spec, error)) throw error;
    return pendingResult(spec, error, { ...options, seconds: elapsed() });
  }
  const context: AttemptContext = { session, deadlines: spec.deadlines, ...options };
  const mayBuild = options.present === undefined && canBuildEarly(spec);
  const ahead = mayBuild ? prefetchDelivery(spec, context) : undefined;
  try {
    const { before, done } = await deployLocked(spec, context, ahead, options);
    if (done.outcome === "unchanged") options.reporter.progress("runs the wanted system already");
    return {
      host: spec.host,
      outcome: done.outcome,
      system: spec.system.toplevel,
      previousSystem: before.current ?? null,
      generation: done.generation,
      rebootNeeded: done.rebootNeeded,
      rebooted: done.rebooted ?? false,
      seconds: elapsed(),
    };
  } catch (error) {
    if (error instanceof OneshotBootFailed) await restorePrevious(spec, error, options);
    throw orCancelled(error, options.signal);
  } finally {
    await ahead?.close();
    await session.close();
  }
}

/**
 * The old system runs after a boot on trial: what had been committed before it goes, so that profile and boot entry name the old one.
 * @throws StepError of the reboot, saying as well why this did not work out
 */
async function restorePrevious(
  spec: DeploySpec,
  failed: OneshotBootFailed,
  options: DeployOptions,
): Promise<void> {
  const { system, generation } = failed.trial;
  const back: DeploySpec = {
    ...spec,
    system: { ...spec.system, toplevel: system, toplevelDerivation: null, diskLayout: null },
    ...{ goal: "switch", reboot: "never" },
    // What is to hold of the new system need not hold of the old one.
    health: { ...spec.health, checks: [] },
    preDeploy: { ...spec.preDeploy, checks: [] },
  };
  options.reporter.progress(
    "the new system did not come up: profile and boot entry go back to the one before",
  );
  try {
    await deploy(back, { ...options, present: { operation: "rollback", generation } });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const seen = `${failed.failure.seen}; it is not its boot entry again: ${error.failure.step}: ${error.failure.seen}`;
    throw new StepError({ ...failed.failure, seen });
  }
}

async function deployLocked(
  spec: DeploySpec,
  context: AttemptContext,
  ahead: PrefetchedDelivery | undefined,
  options: DeployOptions,
): Promise<{ readonly before: HostState; readonly done: DeployOutcome }> {
  const { session } = context;
  const request: DeployRequest = {
    version: 1,
    operator: operatorName(),
    stack: spec.stack,
    host: spec.host,
    goal: spec.goal,
    operation: options.present?.operation ?? "deploy",
    ...(spec.update === null ? {} : { update: spec.update }),
    ...{ revision: spec.system.revision, dirty: spec.system.dirty },
    checks: spec.health.checks.map(describeCheck),
  };
  const lock = await acquireHostLock(session, {
    owner: {
      operator: request.operator,
      pid: process.pid,
      stack: spec.stack,
      what: `deploy of ${spec.host}`,
      since: new Date().toISOString(),
    },
    waitSeconds: spec.deadlines.lock,
    look: { records: recordFolder },
    // What is built here needs neither the lock nor the host, so it does not wait for them.
    onBusy: () => ahead?.begin(),
    ...options,
  });
  try {
    const state = parseHostState(lock.look) ?? (await inspect(session, options));
    const { identity, renamed } = verifyIdentity(spec, state.identity);
    if (renamed) {
      options.reporter.progress(`renaming "${identity.host}" to "${spec.host}" in its identity`);
      const content = `${JSON.stringify({ ...identity, host: spec.host })}\n`;
      await writeHostFile(session, { file: identityPath, content, step: "renaming" }, options);
    }
    const recordsDisks = checkDisks(spec, state.disks);
    const decision = decide(state, spec.system.toplevel, spec.goal);
    const done: DeployOutcome =
      decision === "nothing"
        ? unchanged(state)
        : await replaceSystem(spec, context, lock, {
            ...{ request, state, decision },
            present: options.present,
            ahead,
          });
    if (recordsDisks) await withCurrentEndpoint(context, (now) => recordDisks(spec, now, options));
    if (!isRebootDue(spec, done)) return { before: state, done };
    await withCurrentEndpoint(context, (now) => reboot(spec, { ...context, session: now }, state));
    return {
      before: state,
      done: { ...done, outcome: "deployed", rebootNeeded: false, rebooted: true },
    };
  } finally {
    await lock.release();
  }
}

async function replaceSystem(
  spec: DeploySpec,
  context: AttemptContext,
  lock: HostLock,
  task: {
    request: DeployRequest;
    state: HostState;
    decision: Exclude<Decision, "nothing">;
    present: DeployOptions["present"];
    ahead: PrefetchedDelivery | undefined;
  },
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
    ...{ generation: task.present?.generation, sshPort: session.place.port },
  });
  if (task.decision !== "record") await checkBeforeDeploy(spec.preDeploy, session, context);
  const travel = travels ? await (task.ahead?.begin() ?? openDelivery(spec, context)) : noDelivery;
  let attempt: Attempt;
  try {
    await travel.prepare();
    attempt = await prepareAttempt(context, lock, task.request, { plan, bootId: task.state.bootId });
    await travel.deliver();
  } finally {
    await travel.close();
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

/** Looks at the host once more: what the supervisor wrote is a claim, what the links say is a fact. */
async function verify(
  session: SshSession,
  options: DeployOptions,
  { result, host }: FinishedAttempt,
  spec: DeploySpec,
): Promise<HostState> {
  const state = host ?? (await inspect(session, options));
  const wanted = spec.system.toplevel;
  const shouldRun = ["deployed", "tested", "recorded"].includes(result.outcome);
  const shouldBoot = ["deployed", "staged", "recorded"].includes(result.outcome);
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
      log: options.reporter.logFile,
    });
  if (state.failedUnits.length > 0)
    options.reporter.progress(`failed units: ${state.failedUnits.join(", ")}`);
  return state;
}

function inspect(session: SshSession, { reporter, signal }: DeployOptions): Promise<HostState> {
  return inspectHost(session, {
    timeoutSeconds: inspectionSeconds,
    reporter,
    signal,
  });
}

import { describeCheck } from "../../fleet/health/check.ts";
import type { DeployResult, DeploySpec } from "../../fleet/protocol/deploy.ts";
import { checkBeforeDeploy } from "../health/pre-deploy.ts";
import { acquireHostLock, type HostLock } from "../lock/host-lock.ts";
import { operatorName } from "../lock/owner.ts";
import type { Reporter } from "../progress/reporter.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { StepError } from "../step-error.ts";
import { type Attempt, type AttemptContext, type FinishedAttempt, prepareAttempt } from "./attempt.ts";
import { contactSeconds, isAway, postponed } from "./away.ts";
import { carryOut } from "./carry-out.ts";
import { type Decision, decide } from "./decision.ts";
import { checkDisks, recordDisks } from "./disks.ts";
import { attemptFailure } from "./failure.ts";
import { type HostState, inspectHost } from "./host-state.ts";
import { checkOwnership } from "./ownership.ts";
import { attemptPlan } from "./plan.ts";
import { isRebootDue, reboot } from "./reboot.ts";
import type { DeployRequest, Operation } from "./records.ts";
import { renameIdentity } from "./rename.ts";
import { noTravel, openTravel } from "./system-travel.ts";

/** What a deployment reports to, and what ends it early. */
export interface DeployOptions {
  readonly reporter: Reporter;
  /** Ends it at any moment: a host that was not confirmed goes back by itself. */
  readonly signal?: AbortSignal;
  /** The wanted system is on the host already: nothing is built or copied. `generation`: the profile goes back to that number. */
  readonly present?: { readonly operation: Operation; readonly generation?: number };
}

const inspectionSeconds = 30;

/**
 * Brings one host to its wanted system, as a transaction: the host ends on the wanted system, confirmed over a new connection and
 * committed as profile and boot entry, or on the one it ran before.
 *
 * What runs already is only verified: no lock, no copy, no activation. A host that is optional and does not answer is left for another
 * time.
 * @throws StepError names the step, what was seen, and what runs now.
 */
export async function deploy(spec: DeploySpec, options: DeployOptions): Promise<DeployResult> {
  const started = Date.now();
  const target = { host: spec.host, connection: spec.connection, hostKeys: [spec.hostKey] };
  let session: SshSession;
  try {
    session = await openSession(target, { ...options, deadlineSeconds: contactSeconds(spec) });
  } catch (error) {
    if (!isAway(spec, error)) throw error;
    return postponed(spec, error, { ...options, seconds: (Date.now() - started) / 1000 });
  }
  try {
    const before = await inspect(session, options);
    const { renamed } = checkOwnership(spec, before.identity);
    const wanted = spec.system.toplevel;
    const recordsDisks = checkDisks(spec, before.disks);
    const settled =
      !renamed &&
      !recordsDisks &&
      !before.lock.held &&
      decide(before, wanted, spec.goal) === "nothing" &&
      !isRebootDue(spec, unchanged(before));
    const done = settled ? unchanged(before) : await deployLocked(spec, session, options);
    if (done.outcome === "unchanged") options.reporter.progress("runs the wanted system already");
    return {
      host: spec.host,
      outcome: done.outcome,
      system: wanted,
      previousSystem: before.current ?? null,
      generation: done.generation,
      rebootNeeded: done.rebootNeeded,
      rebooted: done.rebooted ?? false,
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await session.close();
  }
}

type Done = Pick<DeployResult, "outcome" | "generation" | "rebootNeeded"> & {
  readonly rebooted?: boolean;
};

function unchanged({ generation, sameKernel }: HostState): Done {
  return { outcome: "unchanged", generation: generation ?? null, rebootNeeded: !sameKernel };
}

async function deployLocked(spec: DeploySpec, session: SshSession, options: DeployOptions): Promise<Done> {
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
    ...options,
  });
  try {
    // Whoever held the lock may have changed the host, and even whose host it is.
    const state = await inspect(session, options);
    const { identity, renamed } = checkOwnership(spec, state.identity);
    if (renamed) await renameIdentity(session, identity, spec.host, options);
    const recordsDisks = checkDisks(spec, state.disks);
    const decision = decide(state, spec.system.toplevel, spec.goal);
    const context: AttemptContext = { session, deadlines: spec.deadlines, ...options };
    const done: Done =
      decision === "nothing"
        ? unchanged(state)
        : await replaceSystem(spec, context, lock, {
            ...{ request, state, decision },
            present: options.present,
          });
    if (recordsDisks) await recordDisks(spec, session, options);
    if (!isRebootDue(spec, done)) return done;
    await reboot(spec, context, state);
    return { ...done, outcome: "deployed", rebootNeeded: false, rebooted: true };
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
  },
): Promise<Done> {
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
  const plan = attemptPlan(spec, task.decision, oldSystem, task.present?.generation);
  if (task.decision !== "record") await checkBeforeDeploy(spec.preDeploy, session, context);
  const travel = travels ? await openTravel(spec, context) : noTravel;
  let attempt: Attempt;
  try {
    await travel.prepare();
    attempt = await prepareAttempt(context, task.request, plan, task.state.bootId);
    await travel.deliver();
  } finally {
    await travel.close();
  }
  reporter.progress(phrases[task.decision]);
  const finished = await carryOut(context, lock, attempt);
  reporter.detail(finished.log);
  if (finished.result.outcome === "failed")
    throw attemptFailure(spec.host, finished, {
      oldSystem,
      confirmSeconds: deadlines.confirm,
      checks: plan.health.checks,
      logFile: reporter.logFile,
    });
  warn(finished, context);
  return doneOf(finished, await verify(session, context, finished, spec));
}

const phrases: Record<Exclude<Decision, "nothing">, string> = {
  switch: "activating",
  test: "activating for a test: the next boot starts the system as before",
  boot: "setting the system of the next boot",
  "dry-activate": "asking what an activation would do",
  record: "runs the wanted system already, making sure of profile and boot entry",
};

function doneOf({ result }: FinishedAttempt, { sameKernel }: HostState): Done {
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
    case "recorded":
      return { outcome: "unchanged", generation, rebootNeeded: !sameKernel };
    case "failed":
      throw new Error("a failed attempt has no result");
  }
}

/** What did not count against the system, and should be known all the same. */
function warn({ result }: FinishedAttempt, { reporter }: AttemptContext): void {
  for (const { verdict, unit, why } of result.units)
    reporter.progress(`warning: ${unit} ${why}${verdict === "as-before" ? ", as before" : ""}`);
  if (result.reason === "inhibited")
    reporter.progress("critical parts differ (systemd, D-Bus): the system starts at the next boot");
}

/** Looks at the host once more: what the supervisor wrote is a claim, what the links say is a fact. */
async function verify(
  session: SshSession,
  options: DeployOptions,
  { result }: FinishedAttempt,
  spec: DeploySpec,
): Promise<HostState> {
  const state = await inspect(session, options);
  const wanted = spec.system.toplevel;
  const shouldRun = ["deployed", "tested", "recorded"].includes(result.outcome);
  const shouldBoot = ["deployed", "staged", "recorded"].includes(result.outcome);
  const faults = [
    ...(shouldRun && state.current !== wanted ? [`it runs ${state.current ?? "no system"}`] : []),
    ...(shouldBoot && state.profile !== wanted ? [`its profile is ${state.profile ?? "empty"}`] : []),
  ];
  if (faults.length > 0)
    throw new StepError({
      host: spec.host,
      step: "verification",
      seen: `${faults.join(" and ")} instead of ${wanted}`,
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
    ...(signal === undefined ? {} : { signal }),
  });
}

import type { DeployResult, DeploySpec } from "../../fleet/protocol/deploy.ts";
import { acquireHostLock, type HostLock } from "../lock/host-lock.ts";
import { operatorName } from "../lock/owner.ts";
import type { Reporter } from "../progress/reporter.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { StepError } from "../step-error.ts";
import {
  type Attempt,
  type AttemptContext,
  carryOut,
  type FinishedAttempt,
  prepareAttempt,
} from "./attempt.ts";
import { type Decision, decide } from "./decision.ts";
import { checkDisks, recordDisks } from "./disks.ts";
import { attemptFailure } from "./failure.ts";
import { type HostState, inspectHost } from "./host-state.ts";
import { checkOwnership } from "./ownership.ts";
import type { DeployRequest } from "./records.ts";
import { renameIdentity } from "./rename.ts";
import { noTravel, openTravel } from "./system-travel.ts";

/** What a deployment reports to, and what ends it early. */
export interface DeployOptions {
  readonly reporter: Reporter;
  /** Ends it at any moment: a host that was not confirmed goes back by itself. */
  readonly signal?: AbortSignal;
}

const inspectionSeconds = 30;

/**
 * Brings one host to its wanted system, as a transaction: the host ends on the wanted system, confirmed over a new connection and
 * committed as profile and boot entry, or on the one it ran before.
 *
 * What runs already is only verified: no lock, no copy, no activation.
 * @throws StepError names the step, what was seen, and what runs now.
 */
export async function deploy(spec: DeploySpec, options: DeployOptions): Promise<DeployResult> {
  const started = Date.now();
  const target = { host: spec.host, connection: spec.connection, hostKeys: [spec.hostKey] };
  const session = await openSession(target, { ...options, deadlineSeconds: spec.deadlines.contact });
  try {
    const before = await inspect(session, options);
    const { renamed } = checkOwnership(spec, before.identity);
    const wanted = spec.system.toplevel;
    const recordsDisks = checkDisks(spec, before.disks);
    const settled =
      !renamed && !recordsDisks && !before.lock.held && decide(before, wanted, spec.goal) === "nothing";
    const done = settled
      ? { outcome: "unchanged" as const, generation: before.generation ?? null }
      : await deployLocked(spec, session, options);
    if (done.outcome === "unchanged") options.reporter.progress("runs the wanted system already");
    return {
      host: spec.host,
      outcome: done.outcome,
      system: wanted,
      previousSystem: before.current ?? null,
      generation: done.generation,
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await session.close();
  }
}

type Done = Pick<DeployResult, "outcome" | "generation">;

async function deployLocked(spec: DeploySpec, session: SshSession, options: DeployOptions): Promise<Done> {
  const request: DeployRequest = {
    version: 1,
    operator: operatorName(),
    stack: spec.stack,
    host: spec.host,
    goal: spec.goal,
    revision: spec.system.revision,
    dirty: spec.system.dirty,
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
        ? { outcome: "unchanged", generation: state.generation ?? null }
        : await replaceSystem(spec, context, lock, { request, state, decision });
    if (recordsDisks) await recordDisks(spec, session, options);
    return done;
  } finally {
    await lock.release();
  }
}

async function replaceSystem(
  spec: DeploySpec,
  context: AttemptContext,
  lock: HostLock,
  task: { request: DeployRequest; state: HostState; decision: Exclude<Decision, "nothing"> },
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
  const travel = task.decision === "record" ? noTravel : await openTravel(spec, context);
  let attempt: Attempt;
  try {
    await travel.prepare();
    attempt = await prepareAttempt(context, task.request, {
      goal: task.decision,
      oldSystem,
      newSystem: spec.system.toplevel,
    });
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
      logFile: reporter.logFile,
    });
  await verify(session, context, finished, spec);
  return doneOf(finished);
}

const phrases: Record<Exclude<Decision, "nothing">, string> = {
  switch: "activating",
  test: "activating for a test: the next boot starts the system as before",
  boot: "setting the system of the next boot",
  "dry-activate": "asking what an activation would do",
  record: "runs the wanted system already, making sure of profile and boot entry",
};

function doneOf({ result }: FinishedAttempt): Done {
  switch (result.outcome) {
    case "deployed":
      return { outcome: "deployed", generation: result.generation };
    case "tested":
      return { outcome: "deployed", generation: null };
    case "staged":
      return { outcome: "staged", generation: result.generation };
    case "checked":
      return { outcome: "checked", generation: null };
    case "recorded":
      return { outcome: "unchanged", generation: result.generation };
    case "failed":
      throw new Error("a failed attempt has no result");
  }
}

/** Looks at the host once more: what the supervisor wrote is a claim, what the links say is a fact. */
async function verify(
  session: SshSession,
  options: DeployOptions,
  { result }: FinishedAttempt,
  spec: DeploySpec,
): Promise<void> {
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
}

function inspect(session: SshSession, { reporter, signal }: DeployOptions): Promise<HostState> {
  return inspectHost(session, {
    timeoutSeconds: inspectionSeconds,
    reporter,
    ...(signal === undefined ? {} : { signal }),
  });
}

import { describeCheck } from "../../model/health/check.ts";
import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import { type DeployRequest, recordFolder } from "../host/deployment-records.ts";
import { type HostState, inspectHost, parseHostState } from "../host/host-state.ts";
import { identityPath } from "../host/identity-file.ts";
import { acquireHostLock } from "../host/lock/host-lock.ts";
import { operatorName } from "../host/lock/owner.ts";
import { stopwatch } from "../platform/deadline.ts";
import type { WorkContext } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import type { AttemptContext } from "./attempt.ts";
import { withCurrentEndpoint } from "./endpoint-change.ts";
import { OneshotBootFailed } from "./oneshot-boot.ts";
import { type DeployOutcome, orCancelled, unchanged } from "./outcome.ts";
import { decide } from "./plan-activation.ts";
import { isRebootDue, reboot } from "./reboot.ts";
import { type RedeployBase, redeploySpec } from "./redeploy-spec.ts";
import { replaceSystem } from "./replace-system.ts";
import { canBuildEarly, type PrefetchedDelivery, prefetchDelivery } from "./system-delivery.ts";
import { contactTimeout, isUnreachable, pendingResult } from "./unreachable-host.ts";
import { checkDisks, recordDisks } from "./verify-disk-layout.ts";
import { verifyIdentity } from "./verify-identity.ts";
import { writeHostFile } from "./write-host-file.ts";

/** What a deployment reports to, and what ends it at any moment: a host that was not confirmed rolls back by itself. */
export interface DeployOptions extends WorkContext {
  /** A rollback: the system is on the host already, and nothing is built or copied. `generation`: the profile is set back to that number. */
  readonly present?: { readonly generation?: number };
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
  let opened: SshSession;
  try {
    opened = await openSession(target, { ...options, timeoutSeconds: contactTimeout(spec) });
  } catch (error) {
    if (!isUnreachable(spec, error)) throw error;
    return pendingResult(spec, error, { ...options, seconds: elapsed() });
  }
  await using session = opened;
  const context: AttemptContext = { session, deadlines: spec.deadlines, ...options };
  const mayBuild = options.present === undefined && canBuildEarly(spec);
  await using ahead = mayBuild ? prefetchDelivery(spec, context) : undefined;
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
    if (!(error instanceof OneshotBootFailed)) throw orCancelled(error, options.signal);
    return await restorePrevious(spec, error, options);
  }
}

/**
 * Activates again a system that a host has already, in the same way as a deployment: tested, healthy, confirmed, committed, or rolled
 * back. Nothing is built or copied, and nothing before it has to hold.
 * @param generation becomes the profile's again; undefined: a new one is created
 * @throws StepError as a deployment does
 */
export async function redeployGeneration(
  base: RedeployBase,
  { system, generation }: { readonly system: string; readonly generation?: number },
  options: Omit<DeployOptions, "present">,
): Promise<DeployResult> {
  const present = generation === undefined ? {} : { generation };
  return await deploy(redeploySpec(base, system), { ...options, present });
}

/**
 * The old system runs after a boot on trial: what had been committed before it goes, so that profile and boot entry name the old one.
 * @throws StepError of the reboot, saying as well why this did not work out
 */
export async function restorePrevious(
  base: RedeployBase,
  failed: OneshotBootFailed,
  options: Omit<DeployOptions, "present">,
): Promise<never> {
  options.reporter.progress(
    "the new system did not come up: profile and boot entry are set back to the previous system",
  );
  // What is to hold of the new system need not hold of the old one.
  const health = { ...base.health, checks: [] };
  try {
    await redeployGeneration({ ...base, health }, failed.trial, options);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const seen = `${failed.failure.seen}; it is not its boot entry again: ${error.failure.step}: ${error.failure.seen}`;
    throw new StepError({ ...failed.failure, seen });
  }
  throw failed;
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
    operation: options.present === undefined ? "deploy" : "rollback",
    ...(spec.update === null ? {} : { update: spec.update }),
    revision: spec.system.revision,
    dirty: spec.system.dirty,
    checks: spec.health.checks.map(describeCheck),
  };
  await using lock = await acquireHostLock(session, {
    owner: {
      operator: request.operator,
      pid: process.pid,
      stack: spec.stack,
      what: `deploy of ${spec.host}`,
      since: new Date().toISOString(),
    },
    waitSeconds: spec.deadlines.lock,
    look: { records: recordFolder },
    // What is built on this machine needs neither the lock nor the host, so it does not wait for them.
    onBusy: () => ahead?.begin(),
    ...options,
  });
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
          request,
          state,
          decision,
          present: options.present,
          ahead,
        });
  if (recordsDisks) await withCurrentEndpoint(context, (now) => recordDisks(spec, now, options));
  if (!isRebootDue(spec, done)) return { before: state, done };
  const plan = { ...spec, system: spec.system.toplevel, timeoutSeconds: spec.deadlines.reboot };
  await withCurrentEndpoint(context, (now) => reboot(plan, { ...context, session: now }, state));
  return {
    before: state,
    done: { ...done, outcome: "deployed", rebootNeeded: false, rebooted: true },
  };
}

function inspect(session: SshSession, { reporter, signal }: DeployOptions): Promise<HostState> {
  return inspectHost(session, { timeoutSeconds: inspectionSeconds, reporter, signal });
}

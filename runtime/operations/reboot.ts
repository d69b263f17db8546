import pLimit from "p-limit";
import { restorePrevious } from "../deploy/deploy.ts";
import { OneshotBootFailed } from "../deploy/oneshot-boot.ts";
import { reboot } from "../deploy/reboot.ts";
import { type HostState, inspectHost } from "../host/host-state.ts";
import { acquireHostLock } from "../host/lock/host-lock.ts";
import { operatorName } from "../host/lock/owner.ts";
import type { Cancellation } from "../platform/limits.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import type { ConfiguredTarget } from "../pulumi/outputs.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { redeployBase } from "./redeploy-base.ts";

/** How a reboot ended. */
export type RebootResult = { readonly host: string } & (
  | {
      readonly outcome: "rebooted";
      /** Store path that runs now. */
      readonly system: string;
      /** From the order until the host was seen on its new boot. */
      readonly seconds: number;
    }
  | { readonly outcome: "failed"; readonly seen: string }
  | { readonly outcome: "not-begun" }
);

/** How hosts are rebooted. */
export interface RebootOptions extends Cancellation {
  /** Hosts at the same time. */
  readonly parallel: number;
  /** Seconds until a host has to be back; undefined: as it is configured. */
  readonly bootSeconds: number | undefined;
  /** Goes on with other hosts after a failure. */
  readonly keepGoing: boolean;
  readonly logDirectoryOf: (host: string) => string;
  readonly reporterOf: (target: ConfiguredTarget, logDirectory: string) => Reporter;
}

const contactSeconds = 30;
const lockSeconds = 30;
const commandSeconds = 20;

/** Reboots hosts as their deployments do, and makes sure that each comes back well on the system that its boot entry names. */
export async function rebootHosts(
  targets: readonly ConfiguredTarget[],
  options: RebootOptions,
): Promise<RebootResult[]> {
  const limit = pLimit(options.parallel);
  let stopped = false;
  const one = async (target: ConfiguredTarget): Promise<RebootResult> => {
    if (stopped || options.signal?.aborted === true) return { host: target.host, outcome: "not-begun" };
    try {
      return await rebootHost(target, options);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      stopped ||= !options.keepGoing;
      return { host: target.host, outcome: "failed", seen: `${error.failure.step}: ${error.failure.seen}` };
    }
  };
  return await Promise.all(targets.map((target) => limit(() => one(target))));
}

async function rebootHost(target: ConfiguredTarget, options: RebootOptions): Promise<RebootResult> {
  const logDirectory = options.logDirectoryOf(target.host);
  const work = { reporter: options.reporterOf(target, logDirectory), signal: options.signal };
  await using session = await openSession(target, { timeoutSeconds: contactSeconds, ...work });
  const state = await inspectHost(session, { timeoutSeconds: commandSeconds, ...work });
  const base = redeployBase(target, state, logDirectory);
  try {
    return await rebootLocked(session, { ...target, stack: base.stack }, options.bootSeconds, work);
  } catch (error) {
    if (!(error instanceof OneshotBootFailed)) throw error;
    return await restorePrevious(base, error, work);
  }
}

/** The lock ends with the host's old boot: a deployment that began before would have the host go down under it. */
async function rebootLocked(
  session: SshSession,
  { host, stack, settings, deadlines }: ConfiguredTarget & { readonly stack: string },
  bootSeconds: number | undefined,
  work: Cancellation & { readonly reporter: Reporter },
): Promise<RebootResult> {
  const owner = {
    operator: operatorName(),
    pid: process.pid,
    stack,
    what: `reboot of ${host}`,
    since: new Date().toISOString(),
  };
  await using _lock = await acquireHostLock(session, { owner, waitSeconds: lockSeconds, ...work });
  const before = await inspectHost(session, { timeoutSeconds: commandSeconds, ...work });
  const system = bootSystem(host, before);
  const timeoutSeconds = bootSeconds ?? deadlines.reboot;
  const { drain, health } = settings;
  const seconds = await reboot({ system, drain, health, timeoutSeconds }, { session, ...work }, before);
  return { host, outcome: "rebooted", system, seconds };
}

function bootSystem(host: string, { profile }: HostState): string {
  if (profile !== undefined) return profile;
  throw new StepError({
    host,
    step: "inspection",
    seen: "the machine has no system profile: it runs no NixOS",
    next: "install it first",
  });
}

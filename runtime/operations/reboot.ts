import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { type HostState, inspectHost } from "../host/host-state.ts";
import { acquireHostLock } from "../host/lock/host-lock.ts";
import { operatorName } from "../host/lock/owner.ts";
import { awaitBoot, type BootWait } from "../host/wait-for-boot.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession, type SshTarget } from "../ssh/session.ts";

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
export interface RebootOptions {
  /** Hosts at the same time. */
  readonly parallel: number;
  /** Seconds until a host has to be back. */
  readonly bootSeconds: number;
  /** Seconds that units get to fail after the boot. */
  readonly settleSeconds: number;
  /** Goes on with other hosts after a failure. */
  readonly keepGoing: boolean;
  readonly reporterOf: (host: string) => Reporter;
  readonly signal?: AbortSignal | undefined;
}

const contactSeconds = 30;
const lockSeconds = 30;
const commandSeconds = 20;
const goingDownSeconds = 60;

/** Reboots hosts, and makes sure that each comes back on the system that its boot entry names. */
export async function rebootHosts(
  targets: readonly SshTarget[],
  options: RebootOptions,
): Promise<RebootResult[]> {
  const limit = pLimit(options.parallel);
  let stopped = false;
  const one = async (target: SshTarget): Promise<RebootResult> => {
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

async function rebootHost(target: SshTarget, options: RebootOptions): Promise<RebootResult> {
  const { signal } = options;
  const reporter = options.reporterOf(target.host);
  const session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
  let before: HostState;
  let ordered: number;
  try {
    before = await order(session, options, reporter);
    ordered = Date.now();
  } finally {
    await session.close();
  }
  const deadline = ordered + options.bootSeconds * 1000;
  const back = await seenBack(target, before.bootId, { signal, deadline });
  const seconds = (back - ordered) / 1000;
  reporter.progress("is back, its units are given time to settle");
  await pause(target.host, options.settleSeconds * 1000, signal);
  const after = await inspect(target, contactSeconds, signal);
  const errors = verifyBoot(before, after);
  if (errors.length > 0) throw failed(target.host, errors.join("; "));
  return { host: target.host, outcome: "rebooted", system: after.current ?? "", seconds };
}

/** Orders the reboot while nobody deploys. @returns the host as it was then */
async function order(session: SshSession, options: RebootOptions, reporter: Reporter): Promise<HostState> {
  const { host } = session.target;
  const { signal } = options;
  const { identity } = await inspectHost(session, { timeoutSeconds: commandSeconds, signal });
  const owner = {
    operator: operatorName(),
    pid: process.pid,
    stack: identity.kind === "read" ? identity.value.stack : "unknown",
    what: `reboot of ${host}`,
    since: new Date().toISOString(),
  };
  const lock = await acquireHostLock(session, { owner, waitSeconds: lockSeconds, reporter, signal });
  try {
    const before = await inspectHost(session, { timeoutSeconds: commandSeconds, signal });
    reporter.progress("rebooting");
    const result = await session.script("host/reboot", [], { elevate: true, timeoutSeconds: commandSeconds });
    if (!result.ok && result.exitCode !== 255)
      throw failed(host, `it could not be ordered: ${result.stderr.trim()}`);
    // Whoever began a deployment now would have the host go down under it.
    await goneOrStopped(session, options.signal);
    return before;
  } finally {
    await lock.release();
  }
}

/** Until the host has cut the connection: it goes down. One that takes longer for it is asked for its boot afterwards. */
async function goneOrStopped(session: SshSession, signal: AbortSignal | undefined): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    signal?.addEventListener("abort", () => resolve(), { once: true });
    if (signal?.aborted === true) resolve();
  });
  await Promise.race([session.isLost(goingDownSeconds), stopped]);
}

/** @returns when it was seen on another boot */
async function seenBack(target: SshTarget, bootId: string, wait: BootWait): Promise<number> {
  try {
    const found = await awaitBoot(target, bootId, wait);
    if (!found.back) throw failed(target.host, `it is not back in time: ${found.seen}; look at its console`);
    const at = Date.now();
    await found.session.close();
    return at;
  } catch (error) {
    if (wait.signal?.aborted === true) throw stopped(target.host);
    throw error;
  }
}

async function pause(host: string, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw stopped(host);
    throw error;
  }
}

async function inspect(
  target: SshTarget,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<HostState> {
  const session = await openSession(target, { timeoutSeconds: seconds, signal });
  try {
    return await inspectHost(session, { timeoutSeconds: commandSeconds, signal });
  } finally {
    await session.close();
  }
}

/** What tells against a host that is back. @internal */
export function verifyBoot(
  before: Pick<HostState, "profile" | "failedUnits">,
  after: Pick<HostState, "current" | "failedUnits">,
): string[] {
  const failedUnits = after.failedUnits.filter((unit) => !before.failedUnits.includes(unit));
  return [
    ...(after.current === before.profile
      ? []
      : [`it started ${after.current ?? "no system"} instead of ${before.profile ?? "any"}`]),
    ...(failedUnits.length === 0 ? [] : [`units failed since: ${failedUnits.join(", ")}`]),
  ];
}

function stopped(host: string): StepError {
  return failed(host, "stopped after the reboot was ordered; nobody waits for it");
}

function failed(host: string, seen: string): StepError {
  return new StepError({ host, step: "reboot", seen });
}

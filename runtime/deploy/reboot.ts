import { withAddress } from "../../model/health/check.ts";
import { describeOutcome } from "../../model/health/check-result.ts";
import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import { makeChecks } from "../health/run-checks.ts";
import type { HostState } from "../host/host-state.ts";
import { awaitBoot } from "../host/wait-for-boot.ts";
import { stopwatch } from "../platform/deadline.ts";
import { describeExit } from "../platform/describe-exit.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { type AttemptContext, commandSeconds } from "./attempt.ts";
import { describeTrouble, judgeUnits, listUnits, type UnitList } from "./boot-units.ts";
import { armOneshotBoot, commitBootEntry, type OneshotBoot, OneshotBootFailed } from "./oneshot-boot.ts";

const step = "reboot";

/** Whether a host that was deployed to is to be rebooted. A tested or only checked system never is: the next boot starts another. */
export function isRebootDue(
  { reboot, goal }: Pick<DeploySpec, "reboot" | "goal">,
  { outcome, rebootNeeded }: Pick<DeployResult, "outcome" | "rebootNeeded">,
): boolean {
  if (goal !== "switch" && goal !== "boot") return false;
  switch (reboot) {
    case "never":
      return false;
    case "ifNeeded":
      return rebootNeeded;
    case "always":
      return rebootNeeded || outcome !== "unchanged";
  }
}

/** A reboot: what comes before it, and what has to hold after it. */
export interface RebootPlan extends Pick<DeploySpec, "drain" | "health"> {
  /** Store path that has to run then. */
  readonly system: string;
  /** Until the host has to be back. */
  readonly timeoutSeconds: number;
}

/** What a reboot needs, and what ends it early. */
export type RebootContext = Pick<AttemptContext, "session" | "reporter" | "signal">;

/**
 * Reboots a host into its wanted system: drains it, waits for another boot, then makes sure of the system, its units and its checks.
 * Where the boot loader can, that boot is a trial: a system that does not come up is not started again.
 * @param before the host as it was
 * @returns seconds from the order until the host was seen on its new boot
 * @throws StepError step "drain" or "reboot"; OneshotBootFailed when the host is back on its old system
 */
export async function reboot(
  plan: RebootPlan,
  context: RebootContext,
  before: Pick<HostState, "bootId">,
): Promise<number> {
  const { reporter } = context;
  const units = await listUnits(context);
  await drain(plan, context);
  const trial = await armOneshotBoot(context);
  reporter.progress(trial === undefined ? "rebooting" : "rebooting, the new system on trial");
  await order(context);
  const elapsed = stopwatch();
  try {
    const back = await awaitReturn(plan, context, before.bootId, trial);
    const seconds = elapsed();
    await using session = back.session;
    const there = { ...context, session };
    if (trial !== undefined && back.state.current === trial.system)
      throw new OneshotBootFailed(tellTrial(plan, there, trial), trial);
    await verifyBoot(plan, there, { units, state: back.state });
    if (trial !== undefined) await commitBootEntry(there);
    return seconds;
  } catch (error) {
    if (context.signal?.aborted !== true || error instanceof OneshotBootFailed) throw error;
    const { failure: cancelled } = failure(
      context,
      "cancelled after the reboot was ordered: nothing waits for the host",
      "check the host with `fleet status`",
    );
    throw new StepError(cancelled, { cause: error });
  }
}

async function drain({ drain }: RebootPlan, { session, reporter, signal }: RebootContext): Promise<void> {
  if (drain === null) return;
  reporter.progress("draining before the reboot");
  const result = await session.run(["sh", "-c", drain.run], {
    elevate: true,
    timeoutSeconds: drain.timeout,
    reporter,
    signal,
  });
  if (result.ok) return;
  const said = result.cancelled
    ? "cancelled"
    : `exit code ${result.exitCode ?? "none"}: ${result.stderr.trim()}`;
  const seen = result.timedOut ? `it did not end within ${drain.timeout} s` : said;
  throw new StepError({
    host: session.target.host,
    step: "drain",
    seen: `${seen}; the host was not rebooted, its system starts at the next boot`,
    next: "check why the command fails, then run it again: it continues with the reboot",
    log: reporter.logFile,
  });
}

async function order({ session, reporter }: RebootContext): Promise<void> {
  const result = await session.script("host/reboot", [], {
    elevate: true,
    timeoutSeconds: commandSeconds,
    reporter,
  });
  if (result.ok || result.exitCode === 255) return;
  throw failure(
    { session, reporter },
    `it could not be asked for: ${describeExit(result, commandSeconds)}`,
    "reboot the host by hand",
  );
}

async function awaitReturn(
  { timeoutSeconds }: RebootPlan,
  context: RebootContext,
  bootId: string,
  trial: OneshotBoot | undefined,
): Promise<{ session: SshSession; state: HostState }> {
  const { reporter, signal, session } = context;
  const found = await awaitBoot(session.target, bootId, { timeoutSeconds, reporter, signal });
  if (found.back) return found;
  throw failure(
    context,
    `the host is not back after ${timeoutSeconds} s: ${found.seen}`,
    trial === undefined
      ? "check its console; an older generation can be chosen in its boot menu"
      : `check its console; after a power cycle it starts ${trial.system} by itself`,
  );
}

function tellTrial({ system }: RebootPlan, { session, reporter }: RebootContext, trial: OneshotBoot) {
  return {
    host: session.target.host,
    step,
    seen: `${system} did not come up: the host has started ${trial.system} again`,
    next: "check its console for the reason, change the system, then run it again",
    log: reporter.logFile,
  };
}

async function verifyBoot(
  { system, health }: RebootPlan,
  context: RebootContext,
  { units, state }: { units: UnitList; state: HostState },
): Promise<void> {
  if (state.current !== system)
    throw failure(
      context,
      `the host started ${state.current ?? "no system"} instead of ${system}`,
      "check its boot loader; run it again when the new system can start",
    );
  const { session, reporter } = context;
  const checks = health.checks.map((check) => withAddress(check, session.target.connection.address));
  const [outcomes, troubles] = await Promise.all([
    makeChecks(checks, session, { ...context, ...health, step }),
    judgeUnits(context, { before: units, ignoreUnits: health.ignoreUnits, settleSeconds: health.settle }),
  ]);
  const worse = troubles.filter(({ verdict }) => verdict === "worse");
  for (const trouble of troubles)
    if (trouble.verdict !== "worse") reporter.progress(`warning: ${describeTrouble(trouble)}`);
  const errors = [
    ...worse.map(({ unit, why }) => `  ${unit} ${why}`),
    ...outcomes.filter(({ ok }) => !ok).map((outcome) => describeOutcome(outcome, checks)),
  ];
  if (errors.length === 0) return;
  throw failure(
    context,
    ["the host runs the wanted system after its reboot, but:", ...errors].join("\n"),
    "check what does not hold; `fleet rollback` activates the previous generation",
  );
}

function failure(
  { session, reporter }: Pick<RebootContext, "session" | "reporter">,
  seen: string,
  next: string,
): StepError {
  return new StepError({ host: session.target.host, step, seen, next, log: reporter.logFile });
}

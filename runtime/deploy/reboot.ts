import { setTimeout as sleep } from "node:timers/promises";
import { withAddress } from "../../model/health/check.ts";
import { describeOutcome } from "../../model/health/check-result.ts";
import { isIgnored } from "../../model/health/unit-pattern.ts";
import type { DeployResult, DeploySpec } from "../../model/protocol/deploy.ts";
import { makeChecks } from "../health/run-checks.ts";
import { type HostState, inspectHost } from "../host/host-state.ts";
import { awaitBoot } from "../host/wait-for-boot.ts";
import { describeExit } from "../platform/describe-exit.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { type AttemptContext, commandSeconds } from "./attempt.ts";
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

/**
 * Reboots a host into its wanted system: drains it, waits for another boot, then makes sure of the system, its units and its checks.
 * Where the boot loader can, that boot is a trial: a system that does not come up is not started again.
 * @param before the host as it was before the deployment: units that failed then may fail now
 * @throws StepError step "reboot"; OneshotBootFailed when the host is back on its old system
 */
export async function reboot(
  spec: DeploySpec,
  context: AttemptContext,
  before: Pick<HostState, "bootId" | "failedUnits">,
): Promise<void> {
  await drain(spec, context);
  const { reporter, session } = context;
  const trial = await armOneshotBoot(context);
  reporter.progress(trial === undefined ? "rebooting" : "rebooting, the new system on trial");
  const result = await session.script("host/reboot", [], {
    elevate: true,
    timeoutSeconds: commandSeconds,
    reporter,
  });
  if (!result.ok && result.exitCode !== 255)
    throw failure(
      spec,
      context,
      `it could not be asked for: ${describeExit(result, commandSeconds)}`,
      "reboot the host by hand",
    );
  const { state, session: next } = await awaitReturn(spec, context, before.bootId, trial);
  try {
    const there = { ...context, session: next };
    if (trial !== undefined && state.current === trial.system)
      throw new OneshotBootFailed(tellTrial(spec, there, trial), trial);
    await verifyBoot(spec, there, { before, state });
    if (trial !== undefined) await commitBootEntry(there);
  } finally {
    await next.close();
  }
}

async function drain({ drain, host }: DeploySpec, context: AttemptContext): Promise<void> {
  if (drain === null) return;
  const { session, reporter, signal } = context;
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
    host,
    step: "drain",
    seen: `${seen}; the host was not rebooted, its system starts at the next boot`,
    next: "look why the command fails, then run it again: it goes on with the reboot",
    log: reporter.logFile,
  });
}

async function awaitReturn(
  spec: DeploySpec,
  context: AttemptContext,
  bootId: string,
  trial: OneshotBoot | undefined,
): Promise<{ session: SshSession; state: HostState }> {
  const { reporter, signal, session } = context;
  const deadline = Date.now() + spec.deadlines.reboot * 1000;
  const found = await awaitBoot(session.target, bootId, { deadline, reporter, signal });
  if (found.back) return found;
  throw failure(
    spec,
    context,
    `the host is not back after ${spec.deadlines.reboot} s: ${found.seen}`,
    trial === undefined
      ? "look at its console; an older generation can be chosen in its boot menu"
      : `look at its console; after a power cycle it starts ${trial.system} by itself`,
  );
}

function tellTrial({ host, system }: DeploySpec, { reporter }: AttemptContext, trial: OneshotBoot) {
  return {
    host,
    step,
    seen: `${system.toplevel} did not come up: the host has started ${trial.system} again`,
    next: "look at its console for the reason, change the system, then run it again",
    log: reporter.logFile,
  };
}

async function verifyBoot(
  spec: DeploySpec,
  context: AttemptContext,
  { before, state }: { before: Pick<HostState, "failedUnits">; state: HostState },
): Promise<void> {
  const wanted = spec.system.toplevel;
  if (state.current !== wanted)
    throw failure(
      spec,
      context,
      `the host started ${state.current ?? "no system"} instead of ${wanted}`,
      "look at its boot loader; run it again when the new system can start",
    );
  const { health, connection } = spec;
  const checks = health.checks.map((check) => withAddress(check, connection.address));
  const [outcomes] = await Promise.all([
    makeChecks(checks, context.session, { ...context, ...health, step }),
    sleep(health.settle * 1000),
  ]);
  // A boot is not over when SSH answers; the settle time has passed by now.
  const settled = await inspectHost(context.session, { ...context, timeoutSeconds: commandSeconds });
  const failed = settled.failedUnits.filter(
    (unit) => !before.failedUnits.includes(unit) && !isIgnored(unit, health.ignoreUnits),
  );
  const errors = [
    ...failed.map((unit) => `  ${unit} failed`),
    ...outcomes.filter(({ ok }) => !ok).map((outcome) => describeOutcome(outcome, checks)),
  ];
  if (errors.length === 0) return;
  throw failure(
    spec,
    context,
    ["the host runs the wanted system after its reboot, but:", ...errors].join("\n"),
    "look at what does not hold; `fleet rollback` puts the generation before back into force",
  );
}

function failure({ host }: DeploySpec, { reporter }: AttemptContext, seen: string, next: string): StepError {
  return new StepError({ host, step, seen, next, log: reporter.logFile });
}

import { type PreDeploy, withAddress } from "../../model/health/check.ts";
import { describeOutcome } from "../../model/health/check-result.ts";
import type { WorkContext } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/target.ts";
import { makeChecks } from "./run-checks.ts";

const step = "checks before the deployment";

/**
 * Makes the checks that come before a deployment. Changes nothing.
 * @throws StepError with every check that does not hold
 */
export async function checkBeforeDeploy(
  { checks: configured, deadline }: PreDeploy,
  session: SshSession,
  { reporter, signal }: WorkContext,
): Promise<void> {
  if (configured.length === 0) return;
  reporter.progress(step);
  const { host, connection } = session.target;
  const checks = configured.map((check) => withAddress(check, connection.address));
  const outcomes = await makeChecks(checks, session, {
    step,
    settle: 0,
    deadline,
    reporter,
    signal,
  });
  const bad = outcomes.filter(({ ok }) => !ok);
  if (bad.length === 0) return;
  throw new StepError({
    host,
    step,
    seen: [
      "nothing was changed, as these do not hold:",
      ...bad.map((outcome) => describeOutcome(outcome, checks)),
    ].join("\n"),
    next: "fix what they check, or change `preDeploy`, then run it again",
    log: reporter.logFile,
  });
}

import { readFile } from "node:fs/promises";
import type { Check } from "../../model/health/check.ts";
import { type CheckOutcome, parseCheck } from "../../model/health/check-result.ts";
import type { WorkContext } from "../platform/limits.ts";
import { remoteScriptPath } from "../platform/package-root.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/target.ts";
import { checkLines, hundredths } from "./encode-checks.ts";
import type { CheckTimes } from "./operator-checks.ts";

/** How checks run through a session. */
export interface ChecksOptions extends WorkContext {
  /** Named in errors, such as "checks before the deployment". */
  readonly step: string;
  /** Seconds; see `Health`. */
  readonly settle: number;
  readonly deadline: number;
}

/** Beyond the checks' own deadline: one command's way there and back. */
const graceSeconds = 20;

/**
 * Runs all checks, those of the host and those of the operator side by side, apart from any deployment.
 * @throws StepError when those of the host cannot run
 */
export async function makeChecks(
  checks: readonly Check[],
  session: SshSession,
  options: ChecksOptions,
): Promise<CheckOutcome[]> {
  const [here, there] = await Promise.all([
    operatorsOwn(checks, options),
    targetChecks(checkLines(checks), session, options),
  ]);
  return [...here, ...there].sort((a, b) => a.check - b.check);
}

/** Loads what makes them, an HTTP client among it, only where there are any. */
export async function operatorsOwn(checks: readonly Check[], times: CheckTimes): Promise<CheckOutcome[]> {
  if (!checks.some(({ from }) => from === "operator")) return [];
  const { operatorChecks } = await import("./operator-checks.ts");
  return await operatorChecks(checks, times);
}

async function targetChecks(
  lines: string,
  session: SshSession,
  { step, settle, deadline, ...options }: ChecksOptions,
): Promise<CheckOutcome[]> {
  if (lines === "") return [];
  const text = await readFile(remoteScriptPath("deploy/run-checks"), "utf8");
  const times = [hundredths(settle), hundredths(deadline)].map(String);
  const argv = ["bash", "-c", text, "fleet-run-checks", "checks", "-", ...times];
  const result = await session.run(argv, {
    ...options,
    input: lines,
    elevate: true,
    // The last try may begin at the deadline, and take as long again.
    timeoutSeconds: settle + 2 * deadline + graceSeconds,
  });
  const outcomes = result.stdout.split("\n").filter((line) => line.startsWith("check "));
  if (result.ok && outcomes.length === lines.trimEnd().split("\n").length)
    return outcomes.map((line) => parseCheck(line.slice("check ".length)));
  throw new StepError({
    host: session.target.host,
    step,
    seen: result.timedOut ? "the host does not answer" : `the checks could not be run: ${result.stderr}`,
    next: "check that bash, curl and timeout are on the host, then run it again",
  });
}

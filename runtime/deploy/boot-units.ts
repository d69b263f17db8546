import { readFile } from "node:fs/promises";
import type { UnitTrouble } from "../host/deployment-records.ts";
import { describeExit } from "../platform/describe-exit.ts";
import { remoteScriptPath } from "../platform/package-root.ts";
import type { RunResult } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import { type AttemptContext, commandSeconds } from "./attempt.ts";
import { parseUnitTrouble } from "./attempt-result.ts";

type UnitContext = Pick<AttemptContext, "session" | "reporter" | "signal">;

/** The state of every unit of a host, one line each. */
export type UnitList = readonly string[];

/** What units are compared with after a boot, and when. */
export interface UnitComparison {
  readonly before: UnitList;
  /** Patterns with `*` and `?`. */
  readonly ignoreUnits: readonly string[];
  /** Seconds that units get to fail. */
  readonly settleSeconds: number;
}

/** Lists the units of a host, to compare them after its reboot. @throws StepError step "reboot" */
export async function listUnits(context: UnitContext): Promise<UnitList> {
  const result = await runChecks(context, ["units"], { timeoutSeconds: commandSeconds });
  return linesOf(context, result, commandSeconds);
}

/**
 * Finds units in trouble after a boot. The supervisor of a deployment judges by the same script.
 * @throws StepError step "reboot"
 */
export async function judgeUnits(
  context: UnitContext,
  { before, ignoreUnits, settleSeconds }: UnitComparison,
): Promise<UnitTrouble[]> {
  const input = [...before.map((line) => `before ${line}`), ...ignoreUnits.map((line) => `ignored ${line}`)];
  const timeoutSeconds = settleSeconds + commandSeconds;
  const result = await runChecks(context, ["boot", String(settleSeconds)], {
    timeoutSeconds,
    input: input.map((line) => `${line}\n`).join(""),
  });
  return linesOf(context, result, timeoutSeconds).map(parseUnitTrouble);
}

/** `nginx.service failed, as before` */
export function describeTrouble({ verdict, unit, why }: UnitTrouble): string {
  return `${unit} ${why}${verdict === "as-before" ? ", as before" : ""}`;
}

async function runChecks(
  { session, reporter, signal }: UnitContext,
  words: readonly string[],
  options: { readonly timeoutSeconds: number; readonly input?: string },
): Promise<RunResult> {
  const text = await readFile(remoteScriptPath("deploy/run-checks"), "utf8");
  return await session.run(["bash", "-c", text, "fleet-run-checks", ...words], {
    elevate: true,
    quiet: true,
    reporter,
    ...options,
    signal,
  });
}

function linesOf({ session, reporter }: UnitContext, result: RunResult, seconds: number): string[] {
  if (result.ok) return result.stdout.split("\n").filter((line) => line !== "");
  throw new StepError({
    host: session.target.host,
    step: "reboot",
    seen: `its units could not be compared: ${describeExit(result, seconds)}`,
    next: "check that bash and systemctl work on the host, then run it again",
    log: reporter.logFile,
  });
}

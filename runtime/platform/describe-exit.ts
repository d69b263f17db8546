import type { RunResult } from "./run-command.ts";

/**
 * One phrase for what came of a short program on a host that did not do what it should: its own last words, or why there are none.
 * @param limitSeconds its deadline
 */
export function describeExit(
  result: Pick<RunResult, "timedOut" | "cancelled" | "stderr" | "exitCode" | "signal">,
  limitSeconds: number,
): string {
  if (result.cancelled) return "cancelled";
  if (result.timedOut) return `no answer within ${Math.ceil(limitSeconds)} s`;
  const said = result.stderr.trim();
  if (said !== "") return said;
  if (result.exitCode === undefined) return `it was ended by ${result.signal ?? "an unknown cause"}`;
  return result.exitCode === 0 ? "its answer is incomplete" : `exit code ${result.exitCode}`;
}

import { parseCheck } from "../../model/health/check-result.ts";
import {
  type AttemptResult,
  attemptResultSchema,
  type HistoryEntry,
  type UnitTrouble,
  unitTroubleSchema,
} from "../host/deployment-records.ts";
import { readLines } from "../host/host-state.ts";

/** States of a running attempt. `lost`: the host knows nothing of it, so it was rebooted. */
const liveStates = [
  "prepared",
  "activating",
  "confirm",
  "committing",
  "reverting",
  "reverted",
  "lost",
] as const;
export type LiveState = (typeof liveStates)[number];

/** State of an attempt. */
export type AttemptStatus =
  | { readonly state: "done"; readonly result: AttemptResult; readonly log: string }
  | { readonly state: LiveState };

/**
 * Reads what `watch-attempt.sh` printed; undefined when it is not whole.
 * @throws ZodError for a result that cannot be understood: waiting longer would not help.
 */
export function parseFollow(text: string): AttemptStatus | undefined {
  const lines = readLines(text, "watch-attempt");
  const state = lines?.find(([name]) => name === "state")?.[1];
  if (lines === undefined || state === undefined) return undefined;
  if (state !== "done") {
    const live = liveStates.find((candidate) => candidate === state);
    return live === undefined ? undefined : { state: live };
  }
  const valuesOf = (kind: string) => lines.filter(([name]) => name === kind).map(([, value]) => value);
  return { state, result: parseResult(valuesOf("result")), log: valuesOf("log").join("\n") };
}

/** @param lines of the result file: `name value`, where `check` and `unit` may come several times */
function parseResult(lines: readonly string[]): AttemptResult {
  const pairs = lines.map((line): [string, string] => {
    const blank = line.indexOf(" ");
    return blank < 0 ? [line, ""] : [line.slice(0, blank), line.slice(blank + 1)];
  });
  const all = (name: string) => pairs.flatMap(([key, value]) => (key === name ? [value] : []));
  const single = Object.fromEntries(pairs.filter(([name]) => name !== "check" && name !== "unit"));
  const { "exit-code": exitCode, rebooted, generation, seconds, ...rest } = single;
  return attemptResultSchema.parse({
    ...rest,
    exitCode: numberOf(exitCode),
    rebooted: rebooted === "true" || (rebooted === "false" ? false : undefined),
    generation: generation === "-" ? null : numberOf(generation),
    seconds: numberOf(seconds),
    checks: all("check").map(parseCheck),
    units: all("unit").map(parseUnitTrouble),
  });
}

/** `worse|ignored|as-before <unit> <why>` @throws ZodError for any other verdict */
export function parseUnitTrouble(line: string): UnitTrouble {
  const [verdict = "", unit = "", ...why] = line.split(" ");
  return unitTroubleSchema.parse({ verdict, unit, why: why.join(" ") });
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}

/** The result of an attempt whose host has rebooted since, from the line it left in the history. */
export function resultOfEntry(entry: HistoryEntry): AttemptResult {
  const { outcome, reason, exitCode, reverted, rebooted = false, current, generation, seconds } = entry;
  const units = entry.units ?? { worse: [], ignored: [] };
  const trouble = (verdict: UnitTrouble["verdict"], names: readonly string[]) =>
    names.map((unit): UnitTrouble => ({ verdict, unit, why: "was in trouble" }));
  return {
    outcome,
    reason,
    exitCode,
    reverted,
    rebooted,
    current,
    generation,
    seconds,
    checks: (entry.checks ?? []).map(({ check, outcome, seconds }) => {
      return { check, ok: outcome === "ok", seconds, seen: outcome };
    }),
    units: [...trouble("worse", units.worse), ...trouble("ignored", units.ignored)],
  };
}

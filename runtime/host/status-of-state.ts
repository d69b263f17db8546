import { type DriftingState, findDrift } from "./drift.ts";

/** How a host compares with what it should run. */
export type Verdict =
  /** It runs the wanted system, and boots it. */
  | "current"
  /** The wanted system starts at the next boot. */
  | "staged"
  /** It runs the wanted system, and boots another: as was asked for (goal `test`). */
  | "tested"
  /** It runs the wanted system, but boots another. */
  | "not-committed"
  /** It runs what was deployed last; another system is wanted. */
  | "outdated"
  /** It runs, or will boot, neither what is wanted nor what was deployed last: it was changed by other means. */
  | "drifted"
  /** Nothing is wanted of it yet. */
  | "unknown";

/** A tested system is what was asked for; a staged one still waits for something: its reboot. */
export function isAsWanted(verdict: Verdict): boolean {
  return verdict === "current" || verdict === "tested";
}

/**
 * Judges the running and the next boot's system against the wanted one.
 * @param wanted store path; null while nothing is known to be wanted
 */
export function statusOf(state: DriftingState, wanted: string | null): Verdict {
  if (wanted === null) return "unknown";
  if (state.current === wanted) {
    if (state.profile === wanted) return "current";
    return wasTested(state, wanted) ? "tested" : "not-committed";
  }
  if (state.profile === wanted) return "staged";
  return findDrift(state, null) === undefined ? "outdated" : "drifted";
}

/** Whether the host's own record says that the system was deployed with goal `test`. */
function wasTested({ confirmed }: DriftingState, system: string): boolean {
  return (
    confirmed.kind === "read" && confirmed.value.system === system && confirmed.value.outcome === "tested"
  );
}

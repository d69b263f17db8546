import type { HostState } from "../deploy/host-state.ts";

/** How a host stands to what it should run. */
export type Verdict =
  /** It runs the wanted system, and boots it. */
  | "current"
  /** The wanted system starts at the next boot. */
  | "staged"
  /** It runs the wanted system, but boots another. */
  | "not-committed"
  /** It runs what was deployed last; something newer is wanted. */
  | "outdated"
  /** It runs neither what is wanted nor what was confirmed last: somebody else changed it. */
  | "drifted"
  /** Nothing is wanted of it yet. */
  | "unknown";

/** The part of a host's state that a verdict depends on. */
export type JudgedState = Pick<HostState, "current" | "profile" | "confirmed">;

/**
 * Judges the running and the next boot's system against the wanted one.
 * @param wanted store path; null while nothing is known to be wanted
 */
export function judge(state: JudgedState, wanted: string | null): Verdict {
  if (wanted === null) return "unknown";
  if (state.current === wanted) return state.profile === wanted ? "current" : "not-committed";
  if (state.profile === wanted) return "staged";
  const confirmed = state.confirmed.kind === "read" ? state.confirmed.value.system : undefined;
  return confirmed === undefined || confirmed === state.current ? "outdated" : "drifted";
}

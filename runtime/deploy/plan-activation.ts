import type { Goal } from "../../model/protocol/deploy.ts";
import type { HostState } from "../host/host-state.ts";

/** What is left to do: nothing, only to make sure of profile and boot entry, or the goal itself. */
export type Decision = "nothing" | "record" | Goal;

/** The part of a host's state that decides. */
export type DecidingState = Pick<HostState, "current" | "profile" | "confirmed">;

/**
 * Decides from what the host runs. `nothing` needs the host's own record as well: boot loaders cannot be asked which system
 * they will start, but the boot entry is always written before the record.
 *
 * Only true while no other deployment runs: a system that runs may be one that its supervisor is about to roll back.
 */
export function decide(state: DecidingState, wanted: string, goal: Goal): Decision {
  const runs = state.current === wanted;
  const confirmed = state.confirmed.kind === "read" && state.confirmed.value.system === wanted;
  switch (goal) {
    case "dry-activate":
      return goal;
    case "test":
      return runs && confirmed ? "nothing" : goal;
    case "switch":
    case "boot": {
      if (!runs || state.profile !== wanted) return goal;
      const bootEntryWritten = confirmed && state.confirmed.value.outcome !== "tested";
      return bootEntryWritten ? "nothing" : "record";
    }
  }
}

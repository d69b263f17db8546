import type { HistoryEntry } from "../../host/deployment-records.ts";

/** A change of a host's system. */
export interface Change {
  /** The `pulumi up` that made it; undefined: there was none. */
  readonly update: string | undefined;
  /** Store paths before and after. */
  readonly from: string;
  readonly to: string;
  /** By the host's clock, ISO 8601. */
  readonly time: string;
  readonly operator: string;
}

/** `recorded`: what ran already was verified; rolling back a system that was only staged ends like this. */
const inForce = ["deployed", "staged", "tested", "unchanged"];

/**
 * The newest change of a host; undefined where there is none, or it was rolled back.
 * @param entries oldest first
 */
export function lastChange(entries: readonly HistoryEntry[]): Change | undefined {
  const last = entries.findLast(
    ({ outcome, from, to, request }) =>
      inForce.includes(outcome) && (from !== to || request.operation === "rollback"),
  );
  if (last === undefined || last.request.operation === "rollback") return undefined;
  const { from, to, time, request } = last;
  return { update: request.update, from, to, time, operator: request.operator };
}

/**
 * The newest update that has tried a host, whatever came of it, and when by the host's clock. One that was rolled back, or has failed
 * everywhere, is still the newest: nothing older may be taken for it.
 * @param entries oldest first
 */
export function lastUpdate(
  entries: readonly HistoryEntry[],
): { readonly update: string; readonly time: string } | undefined {
  const last = entries.findLast(({ request }) => request.update !== undefined);
  const update = last?.request.update;
  return last === undefined || update === undefined ? undefined : { update, time: last.time };
}

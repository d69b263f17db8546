import { describePlace, type Place, placesOf } from "../../model/protocol/connection.ts";
import { type Master, openMaster } from "./control-master.ts";
import { type ConnectionFault, diagnose } from "./diagnose-stderr.ts";
import { hopsOf } from "./jump-hops.ts";
import { connectTimeoutSeconds, type SessionFiles } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** A shared connection and where it leads, or why there is none. */
export type Entry =
  | { readonly ok: true; readonly master: Master; readonly place: Place }
  | { readonly ok: false; readonly fault: ConnectionFault };

/** A place that swallows packets must leave time for the other one. */
const shareSeconds = 5;

/** The target as it is reached at one of its places. */
export function targetAt(target: SshTarget, place: Place): SshTarget {
  return { ...target, connection: { ...target.connection, ...place } };
}

/**
 * Tries once to get in: at the machine's place, and where nothing answers there, where it was before.
 *
 * What answers at the new place has the last word: a wrong host key or a refused user there is not got round. Whoever answers wrongly at
 * the former place is only not there any more.
 */
export async function enterOnce(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  options: { readonly leftSeconds: () => number; readonly signal?: AbortSignal },
): Promise<Entry> {
  const faults: ConnectionFault[] = [];
  const places = placesOf(target.connection);
  for (const [index, place] of places.entries()) {
    const left = Math.max(1, options.leftSeconds());
    const share = index + 1 < places.length ? Math.min(shareSeconds, left / 2) : left;
    const timeout = Math.min(share, 2 * connectTimeoutSeconds);
    const result = await openMaster(targetAt(target, place), files, destination, timeout, options.signal);
    if (result.ok) return { ok: true, master: result.master, place };
    const fault = diagnose(result.stderr, hopsOf(target).length);
    faults.push(fault);
    if (fault.kind !== "unreachable" || options.signal?.aborted === true) break;
  }
  const [first, second] = faults;
  if (first === undefined) throw new Error("every machine has a place");
  if (second === undefined) return { ok: false, fault: first };
  const elsewhere = places.slice(1).map(describePlace).join();
  const there = second.kind === "host-key" ? "another machine" : second.seen;
  return {
    ok: false,
    fault: { ...first, seen: `${first.seen}; at ${elsewhere}, where it was before: ${there}` },
  };
}

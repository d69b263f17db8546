import { type Endpoint, endpointsOf, formatEndpoint } from "../../model/protocol/connection.ts";
import { type ControlMaster, openControlMaster } from "./control-master.ts";
import { type ConnectionFailure, diagnose } from "./diagnose-stderr.ts";
import { hopsOf } from "./jump-hops.ts";
import { connectTimeoutSeconds, type SessionFiles } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** A shared connection and where it leads, or why there is none. */
export type ConnectResult =
  | { readonly ok: true; readonly master: ControlMaster; readonly place: Endpoint }
  | { readonly ok: false; readonly failure: ConnectionFailure };

/** A place that swallows packets must leave time for the other one. */
const shareSeconds = 5;

/** The target as it is reached at one of its places. */
export function targetAt(target: SshTarget, place: Endpoint): SshTarget {
  return { ...target, connection: { ...target.connection, ...place } };
}

/**
 * Tries once to get in: at the machine's place, and where nothing answers there, where it was before.
 *
 * The answer at the new endpoint decides: a wrong host key or a refused user there is not worked around. A machine that answers wrongly at
 * the previous endpoint is only not there any more.
 */
export async function connectOnce(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  options: { readonly leftSeconds: () => number; readonly signal?: AbortSignal | undefined },
): Promise<ConnectResult> {
  const errors: ConnectionFailure[] = [];
  const places = endpointsOf(target.connection);
  for (const [index, place] of places.entries()) {
    const left = Math.max(1, options.leftSeconds());
    const share = index + 1 < places.length ? Math.min(shareSeconds, left / 2) : left;
    const timeout = Math.min(share, 2 * connectTimeoutSeconds);
    const result = await openControlMaster(
      targetAt(target, place),
      files,
      destination,
      timeout,
      options.signal,
    );
    if (result.ok) return { ok: true, master: result.master, place };
    const failure = diagnose(result.stderr, hopsOf(target).length);
    errors.push(failure);
    if (failure.kind !== "unreachable" || options.signal?.aborted === true) break;
  }
  const [first, second] = errors;
  if (first === undefined) throw new Error("every machine has a place");
  if (second === undefined) return { ok: false, failure: first };
  const elsewhere = places.slice(1).map(formatEndpoint).join();
  const there = second.kind === "host-key" ? "another machine" : second.seen;
  return {
    ok: false,
    failure: { ...first, seen: `${first.seen}; at ${elsewhere}, where it was before: ${there}` },
  };
}

import { parseJson } from "../../model/json/json.ts";
import { type HistoryEntry, historyEntrySchema, recordFolder } from "../host/deployment-records.ts";
import { readLines } from "../host/host-state.ts";
import { describeExit } from "../platform/describe-exit.ts";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshTarget } from "../ssh/session.ts";

/** A host's deployments, oldest first, or why they cannot be had. */
export type HostHistory = { readonly host: string } & (
  | { readonly reachable: true; readonly entries: readonly HistoryEntry[]; readonly unreadable: number }
  | { readonly reachable: false; readonly seen: string }
);

/** How much is read, and how long that may take. */
export interface HistoryOptions extends Limits {
  /** Newest entries of each host. */
  readonly count: number;
}

/** Reads what `read-history.sh` printed; undefined when it is not whole. Lines written by another version are counted. */
export function parseHistory(text: string): { entries: HistoryEntry[]; unreadable: number } | undefined {
  const lines = readLines(text, "read-history");
  if (lines === undefined) return undefined;
  const parsed = lines.map(([, line]) => historyEntrySchema.safeParse(parseJson(line)).data);
  const entries = parsed.filter((entry) => entry !== undefined);
  return { entries, unreadable: parsed.length - entries.length };
}

/** Reads the history of one host. Never fails for a host that cannot be reached. */
export async function readHistory(
  target: SshTarget,
  { count, ...limits }: HistoryOptions,
): Promise<HostHistory> {
  const { host } = target;
  try {
    await using session = await openSession(target, limits);
    const options = { ...limits, elevate: true, quiet: true };
    const result = await session.script("host/read-history", [recordFolder, String(count)], options);
    const history = result.ok ? parseHistory(result.stdout) : undefined;
    if (history !== undefined) return { host, reachable: true, ...history };
    return { host, reachable: false, seen: describeExit(result, limits.timeoutSeconds) };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { host, reachable: false, seen: error.failure.seen };
  }
}

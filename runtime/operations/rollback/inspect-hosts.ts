import pLimit from "p-limit";
import { type HistoryEntry, recordFolder } from "../../host/deployment-records.ts";
import type { HostState } from "../../host/host-state.ts";
import { describeLockOwner } from "../../host/lock/owner.ts";
import { describeExit } from "../../platform/describe-exit.ts";
import type { Limits } from "../../platform/limits.ts";
import { StepError } from "../../platform/step-error.ts";
import type { ConfiguredTarget } from "../../pulumi/outputs.ts";
import { openSession, type SshSession } from "../../ssh/session.ts";
import { type Generation, readGenerations } from "../generations.ts";
import { parseHistory } from "../history.ts";
import { lastChange, lastUpdate } from "./last-change.ts";
import type { RollbackInspection } from "./plan.ts";

/** A host, and what is needed to take it back. */
export interface InspectedHost {
  readonly target: ConfiguredTarget;
  readonly look: RollbackInspection;
  /** undefined: it cannot be reached. */
  readonly found: { readonly state: HostState; readonly generations: readonly Generation[] } | undefined;
}

/** For what is at work on a host at the moment. */
const patienceSeconds = 10;
/** All that a host keeps. */
const entryCount = 500;

/**
 * Inspects hosts; changes nothing, and never fails for a host.
 * @param options limits of each command on a host, and of getting there; `parallel`: hosts at the same time
 */
export async function inspectForRollback(
  targets: readonly ConfiguredTarget[],
  { parallel, ...limits }: Limits & { readonly parallel: number },
): Promise<InspectedHost[]> {
  const limit = pLimit(parallel);
  return await Promise.all(targets.map((target) => limit(() => lookAt(target, limits))));
}

async function lookAt(target: ConfiguredTarget, limits: Limits): Promise<InspectedHost> {
  const { host } = target;
  try {
    await using session = await openSession(target, limits);
    const found = await readGenerations(session, { ...limits, patienceSeconds });
    const entries = await readEntries(session, limits);
    const [last, update] = [lastChange(entries), lastUpdate(entries)];
    const isBeforeThere = last !== undefined && (await isThere(session, last.from, limits));
    const { state } = found;
    return {
      target,
      found,
      look: {
        host,
        reachable: true,
        current: state.current,
        profile: state.profile,
        last,
        isBeforeThere,
        busy: state.lock.held ? describeLockOwner(state.lock.owner) : undefined,
        age: last === undefined ? 0 : secondsSince(last.time, state),
        newest:
          update === undefined ? undefined : { update: update.update, age: secondsSince(update.time, state) },
      },
    };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { target, found: undefined, look: { host, reachable: false, seen: error.failure.seen } };
  }
}

async function readEntries(session: SshSession, limits: Limits): Promise<readonly HistoryEntry[]> {
  const args = [recordFolder, String(entryCount)];
  const result = await session.script("host/read-history", args, { ...limits, elevate: true, quiet: true });
  const history = result.ok ? parseHistory(result.stdout) : undefined;
  if (history !== undefined) return history.entries;
  throw new StepError({
    host: session.target.host,
    step: "history",
    seen: describeExit(result, limits.timeoutSeconds),
  });
}

async function isThere(session: SshSession, system: string, limits: Limits): Promise<boolean> {
  return (await session.run(["test", "-e", `${system}/bin/switch-to-configuration`], limits)).ok;
}

/** By the host's own clock, whatever that shows: the record holds its time and its age. */
function secondsSince(time: string, { confirmed, confirmedAgeSeconds }: HostState): number {
  const now =
    confirmed.kind === "read" && confirmedAgeSeconds !== undefined
      ? Date.parse(confirmed.value.time) + confirmedAgeSeconds * 1000
      : Date.now();
  return (now - Date.parse(time)) / 1000;
}

import { anySignal, type Limits } from "../platform/limits.ts";
import { ConnectionError, openSession, type SshSession, type SshTarget } from "./session.ts";

/** One of several ways to a machine. */
export interface ConnectionCandidate {
  readonly target: SshTarget;
  /** Another host key there ends the whole attempt; otherwise some other machine may answer there, and it is only not ours. */
  readonly authoritative: boolean;
}

/** The first way gets this much of a start, so that it wins where all of them lead in. */
const headStartMs = 1500;

/**
 * Opens a session by whichever way leads in first. A refusal by one way ends only that one; a wrong host key on a decisive way
 * ends all.
 * @throws ConnectionError of the path that came furthest: a wrong host key before a refused user before no answer
 */
export async function connectFirst(
  ways: readonly [ConnectionCandidate, ...ConnectionCandidate[]],
  options: Limits,
): Promise<SshSession> {
  const [only, ...others] = ways;
  if (others.length === 0) return await openSession(only.target, options);
  const losers = new AbortController();
  const signal = anySignal(losers.signal, options.signal);
  const attempts = ways.map(async (way, index): Promise<SshSession> => {
    if (index > 0) await pause(headStartMs, signal);
    return await openSession(way.target, { ...options, signal });
  });
  const fatal = ways.map(async (way, index): Promise<never> => {
    const failure = await failureOf(attempts[index]);
    if (way.authoritative && failure instanceof ConnectionError && failure.kind === "host-key") throw failure;
    return await new Promise<never>(() => {});
  });
  try {
    const winner = await Promise.race([Promise.any(attempts), ...fatal]);
    void closeOthers(attempts, winner);
    return winner;
  } catch (error) {
    void closeOthers(attempts, undefined);
    throw error instanceof AggregateError ? mostInformative(error.errors, ways) : error;
  } finally {
    losers.abort();
  }
}

async function failureOf(attempt: Promise<SshSession> | undefined): Promise<unknown> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A second way may have led in at the same moment. */
async function closeOthers(attempts: readonly Promise<SshSession>[], winner: SshSession | undefined) {
  for (const end of await Promise.allSettled(attempts))
    if (end.status === "fulfilled" && end.value !== winner) await end.value.close();
}

const ranks: Readonly<Record<ConnectionError["kind"], number>> = {
  cancelled: 0,
  "host-key": 1,
  "user-key": 2,
  "key-file": 3,
  "no-ssh": 4,
  "no-forwarding": 5,
  unreachable: 6,
};
const unknownHostRank = 7;

/** `errors` in the order of `ways`. */
function mostInformative(errors: readonly unknown[], ways: readonly ConnectionCandidate[]): unknown {
  const rankOf = (error: unknown, way: ConnectionCandidate | undefined) => {
    if (!(error instanceof ConnectionError)) return -1;
    const strangers = error.kind === "host-key" && way?.authoritative === false;
    return strangers ? unknownHostRank : ranks[error.kind];
  };
  const ranked = errors.map((error, index) => ({ error, rank: rankOf(error, ways[index]) }));
  return ranked.sort((a, b) => a.rank - b.rank)[0]?.error;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

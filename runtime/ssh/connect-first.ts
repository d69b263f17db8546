import {
  ContactError,
  type OpenSessionOptions,
  openSession,
  type SshSession,
  type SshTarget,
} from "./session.ts";

/** One of several ways to a machine. */
export interface Way {
  readonly target: SshTarget;
  /** Another host key there ends the whole attempt; otherwise some other machine may answer there, and it is only not ours. */
  readonly decisive: boolean;
}

/** The first way gets this much of a start, so that it wins where all of them lead in. */
const headStartMs = 1500;

/**
 * Opens a session by whichever way leads in first. A refusal by one way ends only that one; a wrong host key on a decisive way
 * ends all.
 * @throws ContactError of the way that came furthest: a wrong host key before a refused user before no answer
 */
export async function openFirst(
  ways: readonly [Way, ...Way[]],
  options: OpenSessionOptions,
): Promise<SshSession> {
  const [only, ...others] = ways;
  if (others.length === 0) return await openSession(only.target, options);
  const losers = new AbortController();
  const signal =
    options.signal === undefined ? losers.signal : AbortSignal.any([losers.signal, options.signal]);
  const attempts = ways.map(async (way, index): Promise<SshSession> => {
    if (index > 0) await pause(headStartMs, signal);
    return await openSession(way.target, { ...options, signal });
  });
  const fatal = ways.map(async (way, index): Promise<never> => {
    const failure = await failureOf(attempts[index]);
    if (way.decisive && failure instanceof ContactError && failure.kind === "host-key") throw failure;
    return await new Promise<never>(() => {});
  });
  try {
    const winner = await Promise.race([Promise.any(attempts), ...fatal]);
    void closeOthers(attempts, winner);
    return winner;
  } catch (error) {
    void closeOthers(attempts, undefined);
    throw error instanceof AggregateError ? furthest(error.errors, ways) : error;
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

const ranks: Readonly<Record<ContactError["kind"], number>> = {
  cancelled: 0,
  "host-key": 1,
  "user-key": 2,
  "key-file": 3,
  "no-ssh": 4,
  "no-forwarding": 5,
  unreachable: 6,
};
const strangersRank = 7;

/** `errors` in the order of `ways`. */
function furthest(errors: readonly unknown[], ways: readonly Way[]): unknown {
  const rankOf = (error: unknown, way: Way | undefined) => {
    if (!(error instanceof ContactError)) return -1;
    const strangers = error.kind === "host-key" && way?.decisive === false;
    return strangers ? strangersRank : ranks[error.kind];
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

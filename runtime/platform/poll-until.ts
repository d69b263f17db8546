import { setTimeout as sleep } from "node:timers/promises";
import type { Deadline } from "./deadline.ts";
import type { Cancellation } from "./limits.ts";

/** How long and how often something is checked. */
export interface PollOptions extends Cancellation {
  readonly deadline: Pick<Deadline, "remaining">;
  /** Seconds between two looks. */
  readonly pause: number;
}

/**
 * Looks until what is seen is as wanted. No look begins after the deadline. An abort ends the pause; the look after it may say so in its
 * own words.
 * @returns what was seen last, as wanted or not
 * @throws the signal's reason, where a look after the abort does not see what is wanted
 */
export async function pollUntil<T>(
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean,
  { deadline, pause, signal }: PollOptions,
): Promise<T> {
  for (;;) {
    const aborted = signal?.aborted === true;
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (aborted) throw signal.reason;
    if (deadline.remaining() <= pause) return seen;
    await sleep(pause * 1000, undefined, { signal }).catch(() => {});
  }
}

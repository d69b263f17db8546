import type { Reporter } from "./reporter.ts";

/** What ends work early: Ctrl-C, or the end of the process that started ours. */
export interface Cancellation {
  readonly signal?: AbortSignal | undefined;
}

/** Where work reports, and what ends it early. */
export interface WorkContext extends Cancellation {
  readonly reporter: Reporter;
}

/** How long one piece of work may take, what ends it early, and where it reports. */
export interface Limits extends Cancellation {
  readonly timeoutSeconds: number;
  readonly reporter?: Reporter | undefined;
}

/** Limits of work for one host. */
export interface HostLimits extends Limits {
  readonly host: string;
}

/** Node.js counts a timer's milliseconds in 31 bits; a longer one would end at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** A signal that is aborted with the first of several; one that is not there never is. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/** A signal that is aborted after that many seconds: a fraction of a millisecond, which Node.js refuses, is rounded up. */
export function timeoutSignal(seconds: number): AbortSignal {
  return AbortSignal.timeout(Math.min(longestTimeoutMs, Math.max(0, Math.ceil(seconds * 1000))));
}

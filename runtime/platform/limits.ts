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

/** A signal that is aborted with the first of several; one that is not there never is. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

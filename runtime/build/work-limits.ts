import type { Reporter } from "../platform/reporter.ts";

/** Limits of one piece of work, and whose system it is. */
export interface BuildLimits {
  readonly host: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  readonly reporter?: Reporter;
}

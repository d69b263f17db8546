import { watchParent } from "../../runtime/platform/parent-watch.ts";
import { outputClosed } from "./broken-pipe.ts";

/**
 * Aborted by Ctrl-C, SIGTERM or SIGHUP, when the process that started us is gone, and when our standard output is closed: work stops
 * at its next safe point.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  return AbortSignal.any([controller.signal, watchParent(), outputClosed]);
}

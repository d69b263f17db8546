import { watchParent } from "../../runtime/platform/parent-watch.ts";

/** Aborted once our standard output is closed, as behind `| head`. */
const outputClosed = new AbortController();

/**
 * A reader that has gone away is no defect of ours: what is still written goes nowhere, and work ends at its next safe point
 * (`outputClosed`). Without progress lines work goes on.
 */
export function ignoreBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    outputClosed.abort(new Error("standard output was closed"));
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/**
 * Aborted by Ctrl-C, SIGTERM or SIGHUP, when the process that started us is gone, and when our standard output is closed: work stops
 * at its next safe point.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  return AbortSignal.any([controller.signal, watchParent(), outputClosed.signal]);
}

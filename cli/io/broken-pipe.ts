const unread = new AbortController();

/** Aborted once our standard output is closed, as behind `| head`. */
export const outputClosed: AbortSignal = unread.signal;

/**
 * A reader that has gone away is no defect of ours: what is still written goes nowhere, and work ends at its next safe point
 * (`outputClosed`). Without progress lines work goes on.
 */
export function ignoreBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    unread.abort(new Error("standard output was closed"));
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

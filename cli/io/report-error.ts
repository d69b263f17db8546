import { StepError } from "../../runtime/platform/step-error.ts";

/** Says on standard error why the command failed, and makes it end with exit code 1. */
export function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Errors we understand are printed as they are; anything else is a bug of ours and shows its stack. */
function messageOf(error: unknown): string {
  if (error instanceof StepError) return error.message;
  if (isSuppressed(error)) return `${messageOf(error.suppressed)}\nafterwards: ${messageOf(error.error)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What `await using` throws when work has failed and its end fails too. Node.js 22 has no such class. */
function isSuppressed(error: unknown): error is Error & Pick<SuppressedError, "error" | "suppressed"> {
  return error instanceof Error && "error" in error && "suppressed" in error;
}

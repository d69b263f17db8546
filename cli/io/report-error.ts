import { StepError } from "../../runtime/platform/step-error.ts";

/** Says on standard error why the command failed, and makes it end with exit code 1. */
export function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Errors we understand are printed as they are; anything else is a bug of ours and shows its stack. */
function messageOf(error: unknown): string {
  if (error instanceof StepError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

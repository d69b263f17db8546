import type { Cancellation } from "../../runtime/platform/limits.ts";

/** How a command prints, and what ends it early. */
export interface View extends Cancellation {
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/** Prints what was asked for. */
export function write(text: string): void {
  process.stdout.write(text);
}

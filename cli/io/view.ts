import type { Cancellation } from "../../runtime/platform/limits.ts";

/** How a command prints, and what ends it early. */
export interface View extends Cancellation {
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/** Prints a value: as JSON where that is asked for, else as people read it. */
export function print({ json, write }: Omit<View, "signal">, value: unknown, text: () => string): void {
  write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
}

/** Writes to standard output. */
export function write(text: string): void {
  process.stdout.write(text);
}

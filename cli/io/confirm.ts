import { createInterface } from "node:readline/promises";

/** Where a person sits. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks the user at the terminal; without a terminal, and after Ctrl-C or Ctrl-D, the answer is no. */
export async function confirm(
  question: string,
  write: (text: string) => void,
  { input, output }: Terminal = { input: process.stdin, output: process.stdout },
): Promise<boolean> {
  if (input.isTTY !== true) {
    write(`${question}? not a terminal: run again with --yes\n`);
    return false;
  }
  const terminal = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question}? [y/N] `)).trim());
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    write("\n");
    return false;
  } finally {
    terminal.close();
  }
}

import { createInterface } from "node:readline/promises";

/** Asks whoever sits at the terminal; without one the answer is no. */
export async function ask(question: string, write: (text: string) => void): Promise<boolean> {
  if (!process.stdin.isTTY) {
    write(`${question}? Nobody can be asked here; if so, run it again with --yes\n`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question}? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

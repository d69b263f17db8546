import { createInterface } from "node:readline/promises";
import type { StackSelection } from "../../engine/stack/outputs.ts";
import { unlock } from "../../engine/unlock/unlock.ts";

/** How `unlock` talks. */
export interface UnlockView {
  /** Answers every question with yes. */
  readonly yes: boolean;
  readonly write: (text: string) => void;
}

/**
 * Frees a stack after a killed run.
 * @returns 0 if the stack is free now, else 1
 */
export async function unlockStack(selection: StackSelection, view: UnlockView): Promise<number> {
  const outcome = await unlock(selection, {
    say: (line) => view.write(`${line}\n`),
    confirm: async (question) => view.yes || (await ask(question, view)),
  });
  return outcome === "refused" ? 1 : 0;
}

async function ask(question: string, view: UnlockView): Promise<boolean> {
  if (!process.stdin.isTTY) {
    view.write(`${question}? Nobody can be asked here; if so, run it again with --yes\n`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question}? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

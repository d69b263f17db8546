import { unlock } from "../../runtime/operations/unlock/unlock.ts";
import type { StackSelection } from "../../runtime/pulumi/outputs.ts";
import { confirm } from "../io/confirm.ts";

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
    confirm: async (question) => view.yes || (await confirm(question, view.write)),
  });
  return outcome === "refused" ? 1 : 0;
}

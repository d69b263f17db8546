import { exportStack, readExported } from "../export-state.ts";
import type { StackSelection } from "../outputs.ts";
import { resourcesIn } from "./resources.ts";

/** One of our command resources in a state: just what makes Pulumi run it again when it changes (`model/protocol/triggers.ts`). */
export interface RecordedCommand {
  /** Resource name, such as `web-install-run`. */
  readonly name: string;
  /** Input `triggers`; undefined where it was given none. */
  readonly triggers: unknown;
}

/**
 * Command resources a stack's state knows.
 * @returns a text that says why the state cannot be read
 */
export async function readCommands(selection: StackSelection): Promise<readonly RecordedCommand[] | string> {
  return readExported(await exportStack(selection), commandsOf);
}

/** The commands in what `pulumi stack export` prints, but for those that a replacement is about to remove. */
export function commandsOf(exported: string): RecordedCommand[] {
  return resourcesIn(exported).flatMap(({ name, type, inputs }) =>
    type === "command:local:Command" ? [{ name, triggers: inputs["triggers"] }] : [],
  );
}

import { type ExportedStack, exportStack, readExported } from "../../runtime/pulumi/export-state.ts";
import { currentStack } from "./current-stack.ts";

/**
 * Makes something of the state, as it was before this run, of the stack that the program runs for.
 * @returns a text that says why the state cannot be read
 */
export type StateReader = <T extends object>(read: (exported: string) => T) => Promise<T | string>;

/** Reads the state once, when somebody first asks: of many hosts it is long, and each reading starts a Pulumi. */
export function readCurrentState(projectRoot: string): StateReader {
  let reading: Promise<ExportedStack> | undefined;
  return async (read) => {
    reading ??= exportStack(currentStack(projectRoot));
    return readExported(await reading, read);
  };
}

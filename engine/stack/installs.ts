import { z } from "zod";
import { parts } from "../../fleet/names.ts";
import { type CommandOnRecord, commandsOf, readCommands } from "./commands.ts";
import type { StackSelection } from "./outputs.ts";

/** What an install in the state was made for. */
export interface InstallOnRecord {
  readonly serverId: string;
  /** null: there was no token. */
  readonly reinstall: string | null;
}

const triggersSchema = z.tuple([z.string(), z.string()]);

/**
 * Installs a stack's state knows, by resource name.
 * @returns a text that says why the state cannot be read
 */
export async function readInstalls(
  selection: StackSelection,
): Promise<ReadonlyMap<string, InstallOnRecord> | string> {
  const commands = await readCommands(selection);
  return typeof commands === "string" ? commands : installsAmong(commands);
}

/** The installs in what `pulumi stack export` prints. */
export function installsOf(exported: string): ReadonlyMap<string, InstallOnRecord> {
  return installsAmong(commandsOf(exported));
}

/** The installs among the commands of a state. */
export function installsAmong(commands: readonly CommandOnRecord[]): ReadonlyMap<string, InstallOnRecord> {
  const installs = new Map<string, InstallOnRecord>();
  for (const { name, triggers } of commands) {
    const parsed = triggersSchema.safeParse(triggers);
    if (!name.endsWith(`-${parts.installRun}`) || !parsed.success) continue;
    const [serverId, reinstall] = parsed.data;
    installs.set(name, { serverId, reinstall: reinstall === "" ? null : reinstall });
  }
  return installs;
}

import { z } from "zod";
import { parts } from "../../../model/naming/resource-names.ts";
import { commandsOf, type RecordedCommand } from "./commands.ts";

/** What an install in the state was made for. */
export interface RecordedInstall {
  readonly serverId: string;
  /** null: there was no token. */
  readonly reinstall: string | null;
}

const triggersSchema = z.tuple([z.string(), z.string()]);

/** The installs in what `pulumi stack export` prints, by resource name. */
export function installsOf(exported: string): ReadonlyMap<string, RecordedInstall> {
  return installsAmong(commandsOf(exported));
}

/** The installs among the commands of a state. */
export function installsAmong(commands: readonly RecordedCommand[]): ReadonlyMap<string, RecordedInstall> {
  const installs = new Map<string, RecordedInstall>();
  for (const { name, triggers } of commands) {
    const parsed = triggersSchema.safeParse(triggers);
    if (!name.endsWith(`-${parts.installRun}`) || !parsed.success) continue;
    const [serverId, reinstall] = parsed.data;
    installs.set(name, { serverId, reinstall: reinstall === "" ? null : reinstall });
  }
  return installs;
}

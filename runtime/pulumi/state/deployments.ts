import { z } from "zod";
import { parts } from "../../../model/naming/resource-names.ts";
import type { StackSelection } from "../outputs.ts";
import { type RecordedCommand, readCommands } from "./commands.ts";
import { installsAmong, type RecordedInstall } from "./installs.ts";

/** What a stack's state knows of installs and deployments. */
export interface StackRecord {
  /** By resource name. */
  readonly installs: ReadonlyMap<string, RecordedInstall>;
  /** Store path of each deployed system, by resource name. */
  readonly deployments: ReadonlyMap<string, string>;
}

const triggersSchema = z.tuple([z.string().startsWith("/nix/store/"), z.string(), z.string(), z.string()]);

/**
 * Reads a stack's state.
 * @returns a text that says why it cannot be read
 */
export async function readStackRecord(selection: StackSelection): Promise<StackRecord | string> {
  const commands = await readCommands(selection);
  if (typeof commands === "string") return commands;
  return { installs: installsAmong(commands), deployments: deploymentsAmong(commands) };
}

/** The deployments among the commands of a state. */
export function deploymentsAmong(commands: readonly RecordedCommand[]): ReadonlyMap<string, string> {
  const deployments = new Map<string, string>();
  for (const { name, triggers } of commands) {
    const parsed = triggersSchema.safeParse(triggers);
    if (name.endsWith(`-${parts.deploymentRun}`) && parsed.success) deployments.set(name, parsed.data[0]);
  }
  return deployments;
}

import { z } from "zod";
import { exportStack } from "./export.ts";
import type { StackSelection } from "./outputs.ts";

/** One of our command resources in a state: just what makes Pulumi run it again when it changes (`fleet/triggers.ts`). */
export interface CommandOnRecord {
  /** Resource name, such as `web-install-run`. */
  readonly name: string;
  /** Input `triggers`; undefined where it was given none. */
  readonly triggers: unknown;
}

const exportSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            delete: z.boolean().optional(),
            inputs: z.object({ triggers: z.unknown().optional() }).optional(),
          }),
        )
        .optional(),
    })
    .nullable(),
});

/**
 * Command resources a stack's state knows.
 * @returns a text that says why the state cannot be read
 */
export async function readCommands(selection: StackSelection): Promise<readonly CommandOnRecord[] | string> {
  const exported = await exportStack(selection);
  return exported.ok ? commandsOf(exported.text) : exported.why;
}

/** The commands in what `pulumi stack export` prints, but for those that a replacement is about to remove. */
export function commandsOf(exported: string): CommandOnRecord[] {
  const { deployment } = exportSchema.parse(JSON.parse(exported));
  return (deployment?.resources ?? []).flatMap(({ urn, type, inputs, delete: leaving }) => {
    if (type !== "command:local:Command" || leaving === true) return [];
    // Names hold no colons: `urn:pulumi:<stack>::<project>::<types>::<name>`.
    return [{ name: urn.split("::").at(-1) ?? "", triggers: inputs?.triggers }];
  });
}

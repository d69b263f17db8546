import { z } from "zod";
import { run } from "../process/run.ts";
import type { StackSelection } from "./outputs.ts";

/** One of our command resources in a state: just what makes Pulumi run it again when it changes (`fleet/triggers.ts`). */
export interface CommandOnRecord {
  /** Resource name, such as `web-install-run`. */
  readonly name: string;
  /** Input `triggers`; undefined where it was given none. */
  readonly triggers: unknown;
}

const readSeconds = 60;
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
 * Command resources a stack's state knows. Read through the Pulumi CLI, which takes no lock for it, and without decrypting anything.
 * @returns a text that says why the state cannot be read
 */
export async function readCommands(selection: StackSelection): Promise<readonly CommandOnRecord[] | string> {
  const stack = selection.stack === undefined ? [] : ["--stack", selection.stack];
  const result = await run("pulumi", ["stack", "export", "--non-interactive", ...stack], {
    cwd: selection.projectRoot,
    // Pulumi itself needs its login.
    env: selection.environment ?? process.env,
    timeoutSeconds: readSeconds,
  });
  if (result.timedOut) return `pulumi stack export did not end in ${readSeconds} s`;
  if (!result.ok) return `pulumi stack export failed: ${result.stderr.trim()}`;
  return commandsOf(result.stdout);
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

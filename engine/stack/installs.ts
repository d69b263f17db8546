import { z } from "zod";
import { run } from "../process/run.ts";
import type { StackSelection } from "./outputs.ts";

/** What an install in the state was made for: just what makes Pulumi run it again when it changes (`fleet/triggers.ts`). */
export interface InstallOnRecord {
  readonly serverId: string;
  /** null: there was no token. */
  readonly reinstall: string | null;
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
const triggersSchema = z.tuple([z.string(), z.string()]);

/**
 * Installs a stack's state knows, by resource name. Read through the Pulumi CLI, which takes no lock for it, and without decrypting
 * anything.
 * @returns a text that says why the state cannot be read
 */
export async function readInstalls(
  selection: StackSelection,
): Promise<ReadonlyMap<string, InstallOnRecord> | string> {
  const stack = selection.stack === undefined ? [] : ["--stack", selection.stack];
  const result = await run("pulumi", ["stack", "export", "--non-interactive", ...stack], {
    cwd: selection.projectRoot,
    // Pulumi itself needs its login.
    env: selection.environment ?? process.env,
    timeoutSeconds: readSeconds,
  });
  if (result.timedOut) return `pulumi stack export did not end in ${readSeconds} s`;
  if (!result.ok) return `pulumi stack export failed: ${result.stderr.trim()}`;
  return installsOf(result.stdout);
}

/** The installs in what `pulumi stack export` prints. */
export function installsOf(exported: string): ReadonlyMap<string, InstallOnRecord> {
  const { deployment } = exportSchema.parse(JSON.parse(exported));
  const installs = new Map<string, InstallOnRecord>();
  for (const { urn, type, inputs, delete: leaving } of deployment?.resources ?? []) {
    // Names hold no colons: `urn:pulumi:<stack>::<project>::<types>::<name>`.
    const name = urn.split("::").at(-1) ?? "";
    if (type !== "command:local:Command" || !name.endsWith("-install-run") || leaving === true) continue;
    const triggers = triggersSchema.safeParse(inputs?.triggers);
    if (!triggers.success) continue;
    const [serverId, reinstall] = triggers.data;
    installs.set(name, { serverId, reinstall: reinstall === "" ? null : reinstall });
  }
  return installs;
}

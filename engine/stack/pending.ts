import { z } from "zod";
import { parts, resourceName, typeTokens } from "../../fleet/names.ts";
import { exportStack } from "./export.ts";
import type { StackSelection } from "./outputs.ts";

const exportSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            outputs: z.object({ outcome: z.unknown().optional() }).optional(),
          }),
        )
        .optional(),
    })
    .nullable(),
});

/**
 * Hosts, by their names in the state, whose last deployment did not find them.
 * @returns a text that says why the state cannot be read
 */
export async function readPending(selection: StackSelection): Promise<ReadonlySet<string> | string> {
  const exported = await exportStack(selection);
  return exported.ok ? pendingIn(exported.text) : exported.why;
}

/** The pending deployments in what `pulumi stack export` prints. */
export function pendingIn(exported: string): ReadonlySet<string> {
  const { deployment } = exportSchema.parse(JSON.parse(exported));
  const suffix = resourceName("", parts.deployment);
  const names = (deployment?.resources ?? []).flatMap(({ urn, type, outputs }) => {
    if (type !== typeTokens.nixosDeployment || outputs?.outcome !== "pending") return [];
    // Names hold no colons: `urn:pulumi:<stack>::<project>::<types>::<name>`.
    const name = urn.split("::").at(-1) ?? "";
    return name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [];
  });
  return new Set(names);
}

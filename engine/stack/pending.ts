import { parts, resourceName, typeTokens } from "../../fleet/names.ts";
import { exportStack } from "./export.ts";
import type { StackSelection } from "./outputs.ts";
import { resourcesIn } from "./state.ts";

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
  const suffix = resourceName("", parts.deployment);
  const names = resourcesIn(exported).flatMap(({ name, type, outputs }) => {
    if (type !== typeTokens.nixosDeployment || outputs["outcome"] !== "pending") return [];
    return name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [];
  });
  return new Set(names);
}

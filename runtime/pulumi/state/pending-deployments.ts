import { parts, resourceName, typeTokens } from "../../../model/naming/resource-names.ts";
import { resourcesIn } from "./resources.ts";

/** Hosts, by their names in what `pulumi stack export` prints, whose last deployment did not find them. */
export function pendingIn(exported: string): ReadonlySet<string> {
  const suffix = resourceName("", parts.deployment);
  const names = resourcesIn(exported).flatMap(({ name, type, outputs }) => {
    if (type !== typeTokens.nixosDeployment || outputs["outcome"] !== "pending") return [];
    return name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [];
  });
  return new Set(names);
}

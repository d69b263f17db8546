import type * as pulumi from "@pulumi/pulumi";
import { type Part, previousResourceNames } from "../../model/naming/resource-names.ts";

/** Aliases under which the engine finds a renamed host's resource: same type, same parent types, the old name. */
export function hostAliases(aliases: readonly string[], part: Part): pulumi.Alias[] {
  return previousResourceNames(aliases, part).map((name) => ({ name }));
}

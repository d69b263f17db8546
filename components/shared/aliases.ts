import type * as pulumi from "@pulumi/pulumi";
import { formerResourceNames, type Part } from "../../model/naming/resource-names.ts";

/** Aliases under which the engine finds a renamed host's resource: same type, same parent types, the old name. */
export function formerNames(formerly: readonly string[], part: Part): pulumi.Alias[] {
  return formerResourceNames(formerly, part).map((name) => ({ name }));
}

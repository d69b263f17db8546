import type * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import { cloudName, stackLabels } from "../../model/naming/cloud-labels.ts";
import { HetznerPlacementGroup } from "./hetzner-placement-group.ts";
import { ScalewayPlacementGroup } from "./scaleway-placement-group.ts";

/** A placement group of the stack. */
interface Placement {
  readonly groupId: pulumi.Output<string>;
}

/** The placement groups of a stack, each by what `placementOf` says of its hosts. */
export type PlacementGroups = ReadonlyMap<string, Placement>;

/** Which group a host is in, at its provider; null: none. */
export function placementOf(host: InventoryHost): string | null {
  switch (host.provider) {
    case "hetzner":
      return host.placementGroup;
    case "scaleway":
      return host.placementGroup === null ? null : `${host.placementGroup}/${host.zone}`;
    case "existing":
      return null;
  }
}

/**
 * Registers the placement groups that hosts name.
 * @param stack `project/stack`
 */
export function createPlacementGroups(hosts: readonly InventoryHost[], stack: string): PlacementGroups {
  const placements = new Map<string, Placement>();
  const byGroup = [...hosts].sort((a, b) => ((placementOf(a) ?? "") < (placementOf(b) ?? "") ? -1 : 1));
  for (const host of byGroup) {
    const key = placementOf(host);
    const made = key === null || placements.has(key) ? undefined : placement(host, stack);
    if (key !== null && made !== undefined) placements.set(key, made);
  }
  return placements;
}

function placement(host: InventoryHost, stack: string): Placement | undefined {
  if (host.provider === "existing" || host.placementGroup === null) return undefined;
  const { placementGroup: group } = host;
  const name = cloudName(stack, group);
  if (host.provider === "hetzner")
    return new HetznerPlacementGroup(group, { hetznerName: name, labels: stackLabels(stack) });
  return new ScalewayPlacementGroup({
    group,
    zone: host.zone,
    scalewayName: name,
    tags: [`fleet/stack=${stack}`],
  });
}

import type { InventoryHost } from "../../fleet/inventory/inventory.ts";
import { HetznerPlacement } from "./hetzner-placement.ts";

/** The placement groups of a stack at Hetzner, by name. */
export type Placements = ReadonlyMap<string, HetznerPlacement>;

/**
 * Registers the placement groups that hosts at Hetzner name.
 * @param stack `project/stack`
 */
export function placementsOf(hosts: readonly InventoryHost[], stack: string): Placements {
  const named = hosts.flatMap((host) =>
    host.provider === "hetzner" && host.placementGroup !== null ? [host.placementGroup] : [],
  );
  const labels = { "fleet/stack": stack.replaceAll("/", ".") };
  const prefix = stack.replaceAll("/", "-");
  return new Map(
    [...new Set(named)]
      .sort()
      .map((group) => [group, new HetznerPlacement(group, { hetznerName: `${prefix}-${group}`, labels })]),
  );
}

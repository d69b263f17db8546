import * as pulumi from "@pulumi/pulumi";
import type { ConfigError } from "../../model/errors/config-error.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { previousResourceNames, resourceName, volumeParts } from "../../model/naming/resource-names.ts";
import { scalewayVolumeSizes } from "../../runtime/pulumi/state/volumes.ts";
import type { StateReader } from "../state/current-state.ts";

/**
 * Volumes that are to be smaller than they are. Hetzner refuses that; Scaleway's provider makes a blank volume in place of the old one.
 * Only where nothing is protected the state is read: of anything else Pulumi refuses the replacement.
 */
export async function shrunkVolumes({ hosts }: Inventory, state: StateReader): Promise<ConfigError[]> {
  const wanted = hosts.flatMap((host) =>
    host.provider === "scaleway" && !host.protect
      ? Object.entries(host.volumes).map(([volume, { size }]) => ({ host, volume, size }))
      : [],
  );
  if (wanted.length === 0) return [];
  const sizes = await state(scalewayVolumeSizes);
  if (typeof sizes === "string") {
    await pulumi.log.warn(`whether volumes are to be smaller than they are was not looked at: ${sizes}`);
    return [];
  }
  return wanted.flatMap(({ host: { name, aliases }, volume, size }) => {
    const part = volumeParts(volume).volume;
    const names = [resourceName(name, part), ...previousResourceNames(aliases, part)];
    const before = names.map((each) => sizes.get(each)).find((found) => found !== undefined);
    if (before === undefined || size >= before) return [];
    return [
      {
        path: `fleet:hosts.${name}.volumes.${volume}.size`,
        reason: `is less than the ${before} GB that the volume has: it can only grow, and a blank one would take its place`,
      },
    ];
  });
}

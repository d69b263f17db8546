import * as pulumi from "@pulumi/pulumi";
import type { ConfigError } from "../../model/errors/config-error.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { HostNames } from "../../model/naming/host-names.ts";
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
  const recorded = await state();
  if (typeof recorded === "string") {
    await pulumi.log.warn(`not checked whether volumes would shrink: ${recorded}`);
    return [];
  }
  return wanted.flatMap(({ host, volume, size }) => {
    const before = recorded.host(new HostNames(host)).volumeSize(volume);
    if (before === undefined || size >= before) return [];
    return [
      {
        path: `fleet:hosts.${host.name}.volumes.${volume}.size`,
        reason: `is less than the ${before} GB that the volume has: it can only grow, and a blank one would take its place`,
      },
    ];
  });
}

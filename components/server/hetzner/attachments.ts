import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { networkPart, volumeParts } from "../../../model/naming/resource-names.ts";

/** A private network that a server is put into, at a fixed address. */
export interface NetworkAttachment {
  readonly network: string;
  readonly subnetId: pulumi.Input<string>;
  readonly address: string;
}

/** Whose server it is, and where its resources belong. */
interface Attached {
  readonly names: HostNames;
  readonly server: hcloud.Server;
  readonly parent: pulumi.Resource;
}

/**
 * Puts a server into its private networks, one after the other: Hetzner locks a server while it does something with it.
 * @returns what was created, by network, in this order
 */
export function attachToNetworks(
  places: readonly NetworkAttachment[],
  { names, server, parent }: Attached,
): ReadonlyMap<string, hcloud.ServerNetwork> {
  const made = new Map<string, hcloud.ServerNetwork>();
  for (const { network, subnetId, address } of places) {
    const { name, aliases } = names.of(networkPart(network));
    const attachment = new hcloud.ServerNetwork(
      name,
      { serverId: server.id.apply(Number), subnetId, ip: address },
      {
        parent,
        dependsOn: [...made.values()].slice(-1),
        // A server is in a network once, and an address belongs to one server.
        deleteBeforeReplace: true,
        aliases,
      },
    );
    made.set(network, attachment);
  }
  return made;
}

/**
 * Attaches volumes to a server, one after the other.
 * @param after what has to be over before the first one
 * @returns what was created, in this order
 */
export function attachVolumes(
  volumes: ReadonlyMap<string, hcloud.Volume>,
  { names, server, parent }: Attached,
  after: readonly pulumi.Resource[],
): hcloud.VolumeAttachment[] {
  const made: hcloud.VolumeAttachment[] = [];
  for (const [volume, { id }] of volumes) {
    const { name, aliases } = names.of(volumeParts(volume).attachment);
    const attachment = new hcloud.VolumeAttachment(
      name,
      { serverId: server.id.apply(Number), volumeId: id.apply(Number), automount: false },
      {
        parent,
        dependsOn: [...after, ...made.slice(-1)],
        // A volume is at one server at a time.
        deleteBeforeReplace: true,
        aliases,
      },
    );
    made.push(attachment);
  }
  return made;
}

import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { networkPart, resourceName, volumeParts } from "../../../model/naming/resource-names.ts";
import { hostAliases } from "../../shared/aliases.ts";

/** A private network that a server is put into, at a fixed address. */
export interface NetworkAttachment {
  readonly network: string;
  readonly subnetId: pulumi.Input<string>;
  readonly address: string;
}

/** Whose server it is, and where its resources belong. */
interface Attached {
  readonly host: string;
  readonly aliases: readonly string[];
  readonly server: hcloud.Server;
  readonly parent: pulumi.Resource;
}

/**
 * Puts a server into its private networks, one after the other: Hetzner locks a server while it does something with it.
 * @returns what was made, by network, in this order
 */
export function attachToNetworks(
  places: readonly NetworkAttachment[],
  { host, aliases, server, parent }: Attached,
): ReadonlyMap<string, hcloud.ServerNetwork> {
  const made = new Map<string, hcloud.ServerNetwork>();
  for (const { network, subnetId, address } of places) {
    const part = networkPart(network);
    const attachment = new hcloud.ServerNetwork(
      resourceName(host, part),
      { serverId: server.id.apply(Number), subnetId, ip: address },
      {
        parent,
        dependsOn: [...made.values()].slice(-1),
        // A server is in a network once, and an address belongs to one server.
        deleteBeforeReplace: true,
        aliases: hostAliases(aliases, part),
      },
    );
    made.set(network, attachment);
  }
  return made;
}

/**
 * Attaches volumes to a server, one after the other.
 * @param after what has to be over before the first one
 * @returns what was made, in this order
 */
export function attachVolumes(
  volumes: ReadonlyMap<string, hcloud.Volume>,
  { host, aliases, server, parent }: Attached,
  after: readonly pulumi.Resource[],
): hcloud.VolumeAttachment[] {
  const made: hcloud.VolumeAttachment[] = [];
  for (const [name, volume] of volumes) {
    const part = volumeParts(name).attachment;
    const attachment = new hcloud.VolumeAttachment(
      resourceName(host, part),
      { serverId: server.id.apply(Number), volumeId: volume.id.apply(Number), automount: false },
      {
        parent,
        dependsOn: [...after, ...made.slice(-1)],
        // A volume is at one server at a time.
        deleteBeforeReplace: true,
        aliases: hostAliases(aliases, part),
      },
    );
    made.push(attachment);
  }
  return made;
}

import type * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { networkPart, privateAddressPart } from "../../../model/naming/resource-names.ts";

/** A private network that an instance is put into, at a fixed address. */
export interface ScalewayNetworkAttachment {
  readonly network: string;
  readonly region: string;
  readonly privateNetworkId: pulumi.Input<string>;
  readonly address: string;
}

/** Whose instance it is, and where its resources belong. */
export interface AttachedInstance {
  readonly names: HostNames;
  readonly server: scaleway.instance.Server;
  readonly zone: string;
  readonly tags: readonly string[];
  readonly parent: pulumi.Resource;
}

/**
 * Puts an instance into its private networks, one after the other, at addresses that are reserved for its host and outlive it.
 * @returns its network cards, in this order
 */
export function attachToNetworks(
  places: readonly ScalewayNetworkAttachment[],
  { names, server, zone, tags, parent }: AttachedInstance,
): scaleway.instance.PrivateNic[] {
  const made: scaleway.instance.PrivateNic[] = [];
  for (const { network, region, privateNetworkId, address } of places) {
    const addressNames = names.of(privateAddressPart(network));
    const cardNames = names.of(networkPart(network));
    const reserved = new scaleway.ipam.Ip(
      addressNames.name,
      { address, region, sources: [{ privateNetworkId }], tags: [...tags] },
      {
        parent,
        // The provider would take another network for the same one.
        replaceOnChanges: ["sources[*].privateNetworkId"],
        aliases: addressNames.aliases,
      },
    );
    const card = new scaleway.instance.PrivateNic(
      cardNames.name,
      { serverId: server.id, privateNetworkId, ipamIpIds: [reserved.id], zone, tags: [...tags] },
      {
        parent,
        // Cards are numbered in the order in which they come.
        dependsOn: made.slice(-1),
        // An instance is in a network once.
        deleteBeforeReplace: true,
        aliases: cardNames.aliases,
      },
    );
    made.push(card);
  }
  return made;
}

import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { networkPart, resourceName } from "../../fleet/names.ts";
import { formerNames } from "../former-names.ts";

/** A private network that a server is put into, at a fixed address. */
export interface NetworkPlace {
  readonly network: string;
  readonly subnetId: pulumi.Input<string>;
  readonly address: string;
}

/** Whose server it is, and where its resources belong. */
interface Attached {
  readonly host: string;
  readonly formerly: readonly string[];
  readonly server: hcloud.Server;
  readonly parent: pulumi.Resource;
}

/**
 * Puts a server into its private networks, one after the other: Hetzner locks a server while it does something with it.
 * @returns what was made, in this order
 */
export function attachToNetworks(
  places: readonly NetworkPlace[],
  { host, formerly, server, parent }: Attached,
): hcloud.ServerNetwork[] {
  const made: hcloud.ServerNetwork[] = [];
  for (const { network, subnetId, address } of places) {
    const part = networkPart(network);
    const attachment = new hcloud.ServerNetwork(
      resourceName(host, part),
      { serverId: server.id.apply(Number), subnetId, ip: address },
      {
        parent,
        dependsOn: made.slice(-1),
        // A server is in a network once, and an address belongs to one server.
        deleteBeforeReplace: true,
        aliases: formerNames(formerly, part),
      },
    );
    made.push(attachment);
  }
  return made;
}

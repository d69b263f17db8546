import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { HetznerNetwork } from "../../model/inventory/networks.ts";
import { networkNames, typeTokens } from "../../model/naming/resource-names.ts";

/** Arguments of `HetznerPrivateNetwork`. */
export interface HetznerPrivateNetworkArgs {
  readonly network: HetznerNetwork;
  /** Name at Hetzner, where names are unique in a project. */
  readonly hetznerName: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A private network of the stack at Hetzner Cloud, with the one subnet its hosts are in. */
export class HetznerPrivateNetwork extends pulumi.ComponentResource {
  readonly provider = "hetzner";
  /** What servers are attached to. */
  readonly subnetId: pulumi.Output<string>;

  constructor(args: HetznerPrivateNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { name, range, subnet, zone } = args.network;
    const names = networkNames(name);
    super(typeTokens.hetznerPrivateNetwork, names.component, {}, opts);
    const network = new hcloud.Network(
      names.network,
      { name: args.hetznerName, ipRange: range, labels: args.labels },
      // The name can belong to one network at a time.
      { parent: this, deleteBeforeReplace: true },
    );
    const part = new hcloud.NetworkSubnet(
      names.subnet,
      { networkId: network.id.apply(Number), type: "cloud", networkZone: zone, ipRange: subnet },
      // Subnets of a network have no address in common.
      { parent: this, deleteBeforeReplace: true },
    );
    this.subnetId = part.id;
    this.registerOutputs({ subnetId: this.subnetId });
  }
}

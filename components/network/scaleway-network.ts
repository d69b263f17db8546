import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { ScalewayNetwork } from "../../model/inventory/networks.ts";
import { networkNames, typeTokens } from "../../model/naming/resource-names.ts";

/** Arguments of `ScalewayPrivateNetwork`. */
export interface ScalewayPrivateNetworkArgs {
  readonly network: ScalewayNetwork;
  readonly scalewayName: string;
  readonly tags: readonly string[];
}

/** A private network of the stack at Scaleway, in the default VPC of its region. */
export class ScalewayPrivateNetwork extends pulumi.ComponentResource {
  readonly provider = "scaleway";
  readonly region: string;
  readonly privateNetworkId: pulumi.Output<string>;

  constructor(args: ScalewayPrivateNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { name, subnet, region } = args.network;
    const names = networkNames(name);
    super(typeTokens.scalewayPrivateNetwork, names.component, {}, opts);
    const network = new scaleway.network.PrivateNetwork(
      names.network,
      { name: args.scalewayName, region, ipv4Subnet: { subnet }, tags: [...args.tags] },
      // Reserved addresses are replaced after it only, and have to leave the old one first. Names need not be unique.
      { parent: this, deleteBeforeReplace: false },
    );
    this.region = region;
    this.privateNetworkId = network.id;
    this.registerOutputs({ privateNetworkId: this.privateNetworkId });
  }
}

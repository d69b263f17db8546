import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { placementNames, typeTokens } from "../../model/naming/resource-names.ts";

/** Arguments of `HetznerPlacementGroup`. */
export interface HetznerPlacementGroupArgs {
  /** Name at Hetzner, where names are unique in a project. */
  readonly hetznerName: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A placement group of the stack at Hetzner Cloud: each of its servers runs on hardware of its own. */
export class HetznerPlacementGroup extends pulumi.ComponentResource {
  readonly groupId: pulumi.Output<string>;

  constructor(group: string, args: HetznerPlacementGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    const names = placementNames(group);
    super(typeTokens.hetznerPlacementGroup, names.placement, {}, opts);
    const made = new hcloud.PlacementGroup(
      names.group,
      { name: args.hetznerName, type: "spread", labels: args.labels },
      { parent: this },
    );
    this.groupId = made.id;
    this.registerOutputs({ groupId: this.groupId });
  }
}

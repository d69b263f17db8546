import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { placementNames, typeTokens } from "../../model/naming/resource-names.ts";

/** Arguments of `ScalewayPlacementGroup`. */
export interface ScalewayPlacementGroupArgs {
  readonly group: string;
  /** A group is of one zone. */
  readonly zone: string;
  readonly scalewayName: string;
  readonly tags: readonly string[];
}

/** A placement group of the stack in one of Scaleway's zones: its instances run on different hardware where there is any. */
export class ScalewayPlacementGroup extends pulumi.ComponentResource {
  readonly groupId: pulumi.Output<string>;

  constructor(args: ScalewayPlacementGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    const { group, zone, scalewayName, tags } = args;
    const names = placementNames(`${group}-${zone}`);
    super(typeTokens.scalewayPlacementGroup, names.placement, {}, opts);
    const made = new scaleway.instance.PlacementGroup(
      names.group,
      { name: scalewayName, zone, policyType: "max_availability", tags: [...tags] },
      { parent: this },
    );
    this.groupId = made.id;
    this.registerOutputs({ groupId: this.groupId });
  }
}

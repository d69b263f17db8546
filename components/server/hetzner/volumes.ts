import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { volumeParts } from "../../../model/naming/resource-names.ts";

/** Volumes of a host, and what they have in common with its server. */
interface HetznerVolumesArgs {
  readonly names: HostNames;
  /** By name; sizes in GB. */
  readonly volumes: Readonly<Record<string, { readonly size: number }>>;
  readonly location: pulumi.Input<string>;
  readonly labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly deleteProtection: pulumi.Input<boolean>;
  readonly protect: boolean;
  readonly parent: pulumi.Resource;
}

/** Makes the volumes of a host, blank: they belong to no server, and outlive each that they are attached to. */
export function hetznerVolumes(args: HetznerVolumesArgs): ReadonlyMap<string, hcloud.Volume> {
  const { names, location, labels, deleteProtection, protect, parent } = args;
  const volumes = Object.entries(args.volumes).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    volumes.map(([volume, { size }]) => {
      const { name, aliases } = names.of(volumeParts(volume).volume);
      const made = new hcloud.Volume(
        name,
        { name: `${names.host}-${volume}`, size, location, labels, deleteProtection },
        // The name can belong to one volume at a time.
        { parent, protect, deleteBeforeReplace: true, aliases },
      );
      return [volume, made] as const;
    }),
  );
}

import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { resourceName, volumeParts } from "../../../model/naming/resource-names.ts";
import { hostAliases } from "../../shared/aliases.ts";

/** Volumes of a host, and what they have in common with its server. */
interface HetznerVolumesArgs {
  readonly host: string;
  readonly aliases: readonly string[];
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
  const { host, aliases, location, labels, deleteProtection, protect, parent } = args;
  const volumes = Object.entries(args.volumes).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    volumes.map(([name, { size }]) => {
      const part = volumeParts(name).volume;
      const volume = new hcloud.Volume(
        resourceName(host, part),
        { name: `${host}-${name}`, size, location, labels, deleteProtection },
        // The name can belong to one volume at a time.
        { parent, protect, deleteBeforeReplace: true, aliases: hostAliases(aliases, part) },
      );
      return [name, volume] as const;
    }),
  );
}

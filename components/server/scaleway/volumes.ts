import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { scalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { volumeParts } from "../../../model/naming/resource-names.ts";
import type { VolumeSpec } from "../../../model/protocol/volume.ts";
import { commandPath } from "../../shared/fleet-command.ts";
import type { AttachedInstance } from "./attachments.ts";

/** Volumes of a host, and what they have in common with its instance. */
export interface ScalewayVolumesArgs {
  readonly names: HostNames;
  readonly zone: string;
  readonly tags: readonly string[];
  /** By name; sizes in GB. */
  readonly volumes: Readonly<Record<string, { readonly size: number }>>;
  /** Pulumi's protection of the volumes. */
  readonly protect: boolean;
  readonly parent: pulumi.Resource;
}

/** Of the two classes that Scaleway sells, the smaller one. */
const iops = 5000;
const attachSeconds = 300;

/** Makes the volumes of a host, blank: they belong to no instance, and outlive each that they are attached to. */
export function scalewayVolumes(args: ScalewayVolumesArgs): ReadonlyMap<string, scaleway.block.Volume> {
  const { names, zone, tags, protect, parent } = args;
  const volumes = Object.entries(args.volumes).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    volumes.map(([volume, { size }]) => {
      const { name, aliases } = names.of(volumeParts(volume).volume);
      const made = new scaleway.block.Volume(
        name,
        { name: `${names.host}-${volume}`, zone, iops, sizeInGb: size, tags: [...tags] },
        { parent, protect, aliases },
      );
      return [volume, made] as const;
    }),
  );
}

/** Where a volume is found on its host (scaleway-csi, `pkg/driver/diskutils.go`). */
export function deviceOf({ id }: scaleway.block.Volume): pulumi.Output<string> {
  return id.apply((known) => `/dev/disk/by-id/scsi-0SCW_sbs_volume-${known.slice(known.indexOf("/") + 1)}`);
}

/**
 * Attaches volumes to an instance, one after the other, by a command of ours: the provider attaches only while it makes the instance, and
 * an install would then find two disks, whose order is not guaranteed.
 * @param after what has to be over before the first one
 */
export function attachVolumes(
  volumes: ReadonlyMap<string, scaleway.block.Volume>,
  { names, server, parent }: AttachedInstance,
  after: readonly pulumi.Resource[],
): command.local.Command[] {
  const made: command.local.Command[] = [];
  for (const [volume, { id: volumeId }] of volumes) {
    const { name, aliases } = names.of(volumeParts(volume).attachment);
    const attachment = new command.local.Command(
      name,
      {
        create: runOf("attach-volume"),
        // Another key, say: looks whether the volume is attached, and sees to it.
        update: runOf("attach-volume"),
        delete: runOf("detach-volume"),
        stdin: pulumi.secret(pulumi.jsonStringify(specOf(volume, names.host, server.id, volumeId))),
        triggers: [server.id, volumeId],
        logging: command.local.Logging.Stderr,
      },
      {
        parent,
        dependsOn: [...after, ...made.slice(-1)],
        // A volume is at one instance at a time.
        deleteBeforeReplace: true,
        ignoreChanges: ["create", "update", "delete", "logging"],
        aliases,
      },
    );
    made.push(attachment);
  }
  return made;
}

function runOf(command: "attach-volume" | "detach-volume"): string {
  return `exec node ${commandPath()} internal ${command}`;
}

function specOf(
  volume: string,
  host: string,
  serverId: pulumi.Output<string>,
  volumeId: pulumi.Output<string>,
): pulumi.Output<VolumeSpec> {
  const credentials = scalewayCredentials(pulumi.runtime.allConfig(), process.env);
  if (credentials === undefined)
    throw new Error(
      `host "${host}": scaleway:secretKey is not set; the configuration should have been refused`,
    );
  const fixed = { version: 1 as const, cloud: "scaleway" as const, host, volume, ...credentials };
  return pulumi.output({ ...fixed, serverId, volumeId, timeoutSeconds: attachSeconds });
}

import type * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../model/naming/host-names.ts";
import { parts } from "../../model/naming/resource-names.ts";
import { type ScanHostKeySpec, scanHostKeyResultSchema } from "../../model/protocol/scan-host-key.ts";
import { fleetCommand } from "../shared/fleet-command.ts";

/** Where a machine is asked for its host key. */
export interface HostKeyScanArgs {
  readonly address: pulumi.Input<string>;
  readonly port: number;
  /** Jump hosts to it, and the deploy key that logs in there; null: it is reached directly. */
  readonly through: pulumi.Input<ScanHostKeySpec["through"]> | null;
  /** What has to be there before it can be reached. */
  readonly after: readonly pulumi.Resource[];
  /** Seconds until it is given up. */
  readonly contactSeconds: number;
}

/** A host key that is asked for once and pinned for good: nothing runs this again, not even another address. */
export function hostKeyScan(
  names: HostNames,
  args: HostKeyScanArgs,
  opts: pulumi.CustomResourceOptions,
): { key: pulumi.Output<string>; ready: readonly pulumi.Resource[] } {
  const { name, aliases } = names.of(parts.hostKeyScan);
  const { resource, result } = fleetCommand(
    name,
    {
      command: "scan-host-key",
      spec: {
        version: 1,
        host: names.host,
        address: args.address,
        port: args.port,
        ...(args.through === null ? {} : { through: args.through }),
        timeoutSeconds: args.contactSeconds,
      },
      triggers: [],
      result: scanHostKeyResultSchema,
    },
    { ...opts, dependsOn: [...args.after], aliases },
  );
  return { key: result.publicKey, ready: [resource] };
}

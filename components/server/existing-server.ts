import { isIPv4, isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../model/naming/resource-names.ts";
import type { ScanHostKeySpec } from "../../model/protocol/scan-host-key.ts";
import { fingerprint } from "../../runtime/ssh/fingerprint.ts";
import { hostKeyScan } from "./host-key-scan.ts";
import type { Server } from "./server.ts";

/** Arguments of `ExistingServer`. */
export interface ExistingServerArgs {
  /** IP address or DNS name. */
  readonly address: string;
  /** SSH port. */
  readonly port: number;
  /** Jump hosts to it, and the deploy key that logs in there; null: it is reached directly. */
  readonly through: pulumi.Input<ScanHostKeySpec["through"]> | null;
  /** What has to be there before it can be reached. */
  readonly after: readonly pulumi.Resource[];
  /** Host key the machine shows; null: the one it shows first is pinned for good. */
  readonly machineKey: string | null;
  /** Seconds until a machine whose key is asked for is given up. */
  readonly contactSeconds: number;
}

/** A machine that was there before us: nothing is created, and nothing is destroyed. */
export class ExistingServer extends pulumi.ComponentResource implements Server {
  /** Fingerprint of the key it is known by: another machine at the same address is another server, a renamed host is not. */
  readonly serverId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string | null>;
  readonly ipv6: pulumi.Output<string | null>;
  readonly address: pulumi.Output<string>;
  readonly bootstrapHostKey: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
  readonly volumes: ReadonlyMap<string, pulumi.Output<string>> = new Map();

  constructor(names: HostNames, args: ExistingServerArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.server);
    super(typeTokens.existingServer, name, {}, { ...opts, aliases });
    const { machineKey } = args;
    const known =
      machineKey === null
        ? hostKeyScan(names, args, { parent: this })
        : { key: pulumi.output(machineKey), ready: [] };
    this.bootstrapHostKey = known.key;
    this.serverId = this.bootstrapHostKey.apply(fingerprint);
    this.address = pulumi.output(args.address);
    this.ipv4 = pulumi.output(isIPv4(args.address) ? args.address : null);
    this.ipv6 = pulumi.output(isIPv6(args.address) ? args.address : null);
    this.ready = known.ready;
    this.registerOutputs({ serverId: this.serverId, address: this.address });
  }

  attachRemaining(): readonly pulumi.CustomResource[] {
    return [];
  }
}

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../../model/naming/resource-names.ts";
import { type HostKeyScanArgs, hostKeyScan } from "../host-key-scan.ts";
import type { Server } from "../server.ts";

/** Arguments of `ImportedHetznerServer`. */
export interface ImportedHetznerServerArgs extends Pick<HostKeyScanArgs, "through" | "after"> {
  /** The server's id at Hetzner. */
  readonly id: string;
  /** As it is: a difference would be ignored. */
  readonly serverType: string;
  /** Pulumi's protection of the server. */
  readonly protect: boolean;
  /** Host key it shows; null: see `trustOnFirstUse`. */
  readonly machineKey: string | null;
  /** Ask for the key it shows first, and pin that. */
  readonly trustOnFirstUse: boolean;
  readonly port: number;
  /** Seconds until a machine whose key is asked for is given up. */
  readonly contactSeconds: number;
}

/** Every input: what others have made stays as it is. */
const untouched = [
  "allowDeprecatedImages",
  "backups",
  "datacenter",
  "deleteProtection",
  "firewallIds",
  "ignoreRemoteFirewallIds",
  "image",
  "iso",
  "keepDisk",
  "labels",
  "location",
  "name",
  "networks",
  "placementGroupId",
  "publicNets",
  "rebuildProtection",
  "rescue",
  "serverType",
  "shutdownBeforeDeletion",
  "sshKeys",
  "userData",
];

/**
 * A Hetzner Cloud server that was there before us: imported, changed in nothing, and left alone when it is given up. Its addresses,
 * firewalls and volumes are not managed.
 */
export class ImportedHetznerServer extends pulumi.ComponentResource implements Server {
  readonly serverId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string | null>;
  readonly ipv6: pulumi.Output<string | null>;
  readonly address: pulumi.Output<string>;
  readonly bootstrapHostKey: pulumi.Output<string | null>;
  readonly ready: readonly pulumi.Resource[];
  readonly volumes: ReadonlyMap<string, pulumi.Output<string>> = new Map();

  constructor(names: HostNames, args: ImportedHetznerServerArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.server);
    super(typeTokens.importedHetznerServer, name, {}, { ...opts, aliases });
    const instance = names.of(parts.instance);
    const server = new hcloud.Server(
      instance.name,
      { serverType: args.serverType },
      {
        parent: this,
        import: args.id,
        protect: args.protect,
        retainOnDelete: true,
        ignoreChanges: untouched,
        aliases: instance.aliases,
      },
    );
    this.serverId = server.id;
    this.ipv4 = server.ipv4Address.apply(orNull);
    this.ipv6 = server.ipv6Address.apply(orNull);
    this.address = pulumi
      .all([this.ipv4, this.ipv6])
      .apply(([ipv4, ipv6]) => ipv4 ?? ipv6 ?? noAddress(names.host));
    const { key, ready } = this.#hostKey(names, args);
    this.bootstrapHostKey = key;
    this.ready = [server, ...ready];
    this.registerOutputs({ serverId: this.serverId, ipv4: this.ipv4, ipv6: this.ipv6 });
  }

  attachRemaining(): readonly pulumi.CustomResource[] {
    return [];
  }

  #hostKey(
    names: HostNames,
    { machineKey, trustOnFirstUse, ...asked }: ImportedHetznerServerArgs,
  ): { key: pulumi.Output<string | null>; ready: readonly pulumi.Resource[] } {
    if (machineKey !== null || !trustOnFirstUse) return { key: pulumi.output(machineKey), ready: [] };
    return hostKeyScan(names, { ...asked, address: this.address }, { parent: this });
  }
}

/** The provider gives an empty text for a family the server has no address of. */
function orNull(address: string | undefined): string | null {
  return address === undefined || address === "" ? null : address;
}

function noAddress(host: string): never {
  throw new Error(`the server of host "${host}" has no public address`);
}

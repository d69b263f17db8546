import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { scalewayImageLabels } from "../../../model/cloud-catalog/choice.ts";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../../model/naming/resource-names.ts";
import type { SshKeyPair } from "../../identity/identity.ts";
import { bootstrapUserData } from "../cloud-init.ts";
import type { FirewallOpenings } from "../hetzner/firewall-rules.ts";
import type { Server } from "../server.ts";
import { attachToNetworks, type ScalewayNetworkAttachment } from "./attachments.ts";
import { type ScalewayReverseDns, setReverseDns } from "./reverse-dns.ts";
import { scalewaySecurityRules } from "./security-rules.ts";
import { attachVolumes, deviceOf, type ScalewayVolumesArgs, scalewayVolumes } from "./volumes.ts";

/** Arguments of `ScalewayServer`. */
export interface ScalewayServerArgs {
  /** Zone, such as `fr-par-1`. A change replaces the server and its addresses. */
  readonly zone: string;
  /** Commercial type, such as `DEV1-M`. */
  readonly instanceType: pulumi.Input<string>;
  /** Stock image of the first boot, by our name (`debian-12`); ignored once the server exists. */
  readonly image: string;
  /** GB; it can only grow. */
  readonly rootVolume: pulumi.Input<number>;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly tags: readonly string[];
  /** Scaleway's own protection of the server against deletion. */
  readonly deleteProtection: pulumi.Input<boolean>;
  /** Pulumi's protection of server and addresses. */
  readonly protect: boolean;
  /** Its zone is for good; until then what is bound to it is not protected. */
  readonly locationFixed: boolean;
  readonly firewall: FirewallOpenings;
  /** Private networks that it is in. */
  readonly networks: readonly ScalewayNetworkAttachment[];
  /** Id of the placement group that it is created in; null: it is in none. */
  readonly placementGroupId: pulumi.Output<string> | null;
  /** Volumes that outlive it, by name; sizes in GB. */
  readonly volumes: ScalewayVolumesArgs["volumes"];
  /** Names that its addresses lead back to; null: Scaleway's own. */
  readonly ptrRecords: ScalewayReverseDns["ptrRecords"];
  /** The deploy key in the project: a new instance takes the keys that are there when it boots. */
  readonly deployKey: pulumi.Resource;
  readonly bootstrapKey: SshKeyPair;
}

/** A Scaleway Instance with flexible addresses that outlive it and a security group of its own. */
export class ScalewayServer extends pulumi.ComponentResource implements Server {
  readonly serverId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string | null>;
  readonly ipv6: pulumi.Output<string | null>;
  readonly address: pulumi.Output<string>;
  readonly bootstrapHostKey: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
  readonly volumes: ReadonlyMap<string, pulumi.Output<string>>;
  readonly #attach: (after: readonly pulumi.Resource[]) => readonly pulumi.CustomResource[];

  constructor(names: HostNames, args: ScalewayServerArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.server);
    super(typeTokens.scalewayServer, name, {}, { ...opts, aliases });
    const ipv4 = args.ipv4 ? this.#address(names, "ipv4", args) : undefined;
    const ipv6 = args.ipv6 ? this.#address(names, "ipv6", args) : undefined;
    const ips = [ipv4, ipv6].filter((ip) => ip !== undefined);
    const server = this.#server(names, args, ips);
    this.serverId = server.id;
    this.ipv4 = ipv4 === undefined ? pulumi.output(null) : ipv4.address;
    // Scaleway gives a /64; which address of it is the server's follows from its network card.
    this.ipv6 =
      ipv6 === undefined ? pulumi.output(null) : server.publicIps.apply((all) => ipv6Of(names.host, all));
    this.address = pulumi.all([this.ipv4, this.ipv6]).apply(([a, b]) => a ?? b ?? noAddress(names.host));
    this.bootstrapHostKey = args.bootstrapKey.publicKey;
    const { zone, tags, ptrRecords } = args;
    const attached = { names, server, zone, tags, parent: this };
    this.ready = [server, ...attachToNetworks(args.networks, attached)];
    const volumes = scalewayVolumes({
      names,
      ...args,
      protect: args.locationFixed && args.protect,
      parent: this,
    });
    this.volumes = new Map([...volumes].map(([name, volume]) => [name, deviceOf(volume)]));
    this.#attach = (after) => attachVolumes(volumes, attached, [...this.ready, ...after]);
    setReverseDns({ names, zone, ptrRecords, ips: { ipv4, ipv6 }, ipv6: this.ipv6, parent: this });
    this.registerOutputs({ serverId: this.serverId, ipv4: this.ipv4, ipv6: this.ipv6 });
  }

  attachRemaining(after: readonly pulumi.Resource[]): readonly pulumi.CustomResource[] {
    return this.#attach(after);
  }

  #address(names: HostNames, type: "ipv4" | "ipv6", args: ScalewayServerArgs): scaleway.instance.Ip {
    const { name, aliases } = names.of(parts[type]);
    return new scaleway.instance.Ip(
      name,
      { type: `routed_${type}`, zone: args.zone, tags: [...args.tags] },
      { parent: this, protect: args.locationFixed && args.protect, aliases },
    );
  }

  #securityGroup(names: HostNames, args: ScalewayServerArgs): scaleway.instance.SecurityGroup {
    const { name, aliases } = names.of(parts.firewall);
    return new scaleway.instance.SecurityGroup(
      name,
      {
        name,
        zone: args.zone,
        tags: [...args.tags],
        stateful: true,
        inboundDefaultPolicy: "drop",
        outboundDefaultPolicy: "accept",
        inboundRules: scalewaySecurityRules(args.firewall),
      },
      {
        parent: this,
        // An instance leaves the old one by taking the new one, or by its end. Names need not be unique.
        deleteBeforeReplace: false,
        aliases,
      },
    );
  }

  #server(
    names: HostNames,
    args: ScalewayServerArgs,
    ips: readonly scaleway.instance.Ip[],
  ): scaleway.instance.Server {
    const { name, aliases } = names.of(parts.instance);
    return new scaleway.instance.Server(
      name,
      {
        name: names.host,
        type: args.instanceType,
        zone: args.zone,
        image: labelOf(names.host, args.image),
        tags: [...args.tags],
        protected: args.deleteProtection,
        // An instance is created first and started later: one that was left between the two is started by the next update.
        state: "started",
        ipIds: ips.map(({ id }) => id),
        securityGroupId: this.#securityGroup(names, args).id,
        ...(args.placementGroupId === null ? {} : { placementGroupId: args.placementGroupId }),
        rootVolume: { volumeType: "sbs_volume", sizeInGb: args.rootVolume, deleteOnTermination: true },
        userData: pulumi.secret({
          "cloud-init": pulumi.output(args.bootstrapKey).apply(bootstrapUserData),
        }),
      },
      {
        parent: this,
        protect: args.protect,
        dependsOn: [args.deployKey],
        // The addresses can belong to one instance at a time.
        deleteBeforeReplace: true,
        // Our own command attaches volumes; a refresh finds them at the instance.
        ignoreChanges: ["image", "userData", "additionalVolumeIds"],
        // A refresh reads the private key of the bootstrap host key back.
        additionalSecretOutputs: ["userData", "cloudInit"],
        aliases,
      },
    );
  }
}

function labelOf(host: string, image: string): string {
  const label = scalewayImageLabels[image];
  if (label === undefined)
    throw new Error(
      `host "${host}": Scaleway has no image "${image}"; the configuration should have been refused`,
    );
  return label;
}

function ipv6Of(host: string, ips: readonly { family?: string; address?: string }[]): string {
  const address = ips.find(({ family }) => family === "inet6")?.address;
  if (address === undefined) throw new Error(`the server of host "${host}" has no IPv6 address`);
  return address;
}

function noAddress(host: string): never {
  throw new Error(`host "${host}" has neither IPv4 nor IPv6; the configuration should have been refused`);
}

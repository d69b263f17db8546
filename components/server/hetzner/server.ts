import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../../model/naming/resource-names.ts";
import type { SshKeyPair } from "../../identity/identity.ts";
import { bootstrapUserData } from "../cloud-init.ts";
import type { Server } from "../server.ts";
import { attachToNetworks, attachVolumes, type NetworkAttachment } from "./attachments.ts";
import { type FirewallOpenings, hetznerFirewallRules } from "./firewall-rules.ts";
import { type NamedAddress, setReverseDns } from "./reverse-dns.ts";
import { hetznerVolumes } from "./volumes.ts";

/** Arguments of `HetznerServer`. */
export interface HetznerServerArgs {
  /** Server type, such as `cx23`. */
  readonly serverType: pulumi.Input<string>;
  /** Location, such as `nbg1`. A change replaces the server. */
  readonly location: pulumi.Input<string>;
  /** Stock image of the first boot; ignored once the server exists. */
  readonly image: pulumi.Input<string>;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly backups: pulumi.Input<boolean>;
  /** Hetzner's own protection against deletion and rebuild, of the server and its addresses. */
  readonly deleteProtection: pulumi.Input<boolean>;
  /** Pulumi's protection of server, addresses and volumes. */
  readonly protect: boolean;
  /** False: its server may still be created elsewhere, with other addresses and volumes, which are not protected until then. */
  readonly locationFixed: boolean;
  readonly firewall: FirewallOpenings;
  /** Private networks that it is in. */
  readonly networks: readonly NetworkAttachment[];
  /** Id of its placement group; null: it is in none. */
  readonly placementGroupId: pulumi.Input<string> | null;
  /** Volumes that outlive it, by name; sizes in GB. */
  readonly volumes: Readonly<Record<string, { readonly size: number }>>;
  /** Names that its addresses lead back to. */
  readonly ptrRecords: { readonly ipv4: string | null; readonly ipv6: string | null };
  /** A firewall that follows the server's configuration (`hetznerOpenPorts`) is attached to it, too. */
  readonly secondFirewall: boolean;
  /** Id of the deploy key at Hetzner; ignored once the server exists. */
  readonly sshKeyId: pulumi.Input<string>;
  readonly bootstrapKey: SshKeyPair;
}

/** A Hetzner Cloud server with addresses that outlive it and a firewall of its own. */
export class HetznerServer extends pulumi.ComponentResource implements Server {
  readonly serverId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string | null>;
  readonly ipv6: pulumi.Output<string | null>;
  readonly address: pulumi.Output<string>;
  readonly bootstrapHostKey: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
  readonly volumes: ReadonlyMap<string, pulumi.Output<string>>;
  /** Id of the server by private network, as its place there has it: another one once it leaves and joins again. */
  readonly memberIds: ReadonlyMap<string, pulumi.Output<number>>;
  readonly #attach: (after: readonly pulumi.Resource[]) => readonly pulumi.CustomResource[];

  constructor(names: HostNames, args: HetznerServerArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.server);
    super(typeTokens.hetznerServer, name, {}, { ...opts, aliases });
    const ipv4 = args.ipv4 ? this.#address(names, "ipv4", args, args.location) : undefined;
    const ipv6 = args.ipv6 ? this.#address(names, "ipv6", args, locationOf(args, ipv4)) : undefined;
    const server = this.#server(names, args, this.#firewall(names, args), ipv4, ipv6);
    this.serverId = server.id;
    this.ipv4 = ipv4 === undefined ? pulumi.output(null) : ipv4.ipAddress;
    // Hetzner gives a /64 and routes all of it to the server, which uses its first address.
    this.ipv6 = ipv6 === undefined ? pulumi.output(null) : ipv6.ipAddress.apply(firstOfNetwork);
    this.address = (ipv4 ?? ipv6)?.ipAddress.apply(firstOfNetwork) ?? noAddress(names.host);
    this.bootstrapHostKey = args.bootstrapKey.publicKey;
    const attached = { names, server, parent: this };
    const inNetworks = attachToNetworks(args.networks, attached);
    this.ready = [server, ...inNetworks.values()];
    this.memberIds = new Map([...inNetworks].map(([network, place]) => [network, place.serverId] as const));
    const volumes = hetznerVolumes({ names, ...args, ...lasting(args), parent: this });
    this.volumes = new Map([...volumes].map(([name, volume]) => [name, volume.linuxDevice]));
    // Hetzner locks a server while it does something with it, and a name that is refused meanwhile is never set.
    const named = namedAddresses({ ipv4, ipv6 }, args.ptrRecords);
    const ptrRecords = setReverseDns(named, { ...attached, after: this.ready });
    this.#attach = (after) => [...ptrRecords, ...attachVolumes(volumes, attached, [...this.ready, ...after])];
    this.registerOutputs({ serverId: this.serverId, ipv4: this.ipv4, ipv6: this.ipv6 });
  }

  attachRemaining(after: readonly pulumi.Resource[]): readonly pulumi.CustomResource[] {
    return this.#attach(after);
  }

  #address(
    names: HostNames,
    type: "ipv4" | "ipv6",
    args: HetznerServerArgs,
    location: pulumi.Input<string>,
  ): hcloud.PrimaryIp {
    const { name, aliases } = names.of(parts[type]);
    return new hcloud.PrimaryIp(
      name,
      {
        name,
        type,
        assigneeType: "server",
        location,
        autoDelete: false,
        deleteProtection: lasting(args).deleteProtection,
        labels: args.labels,
      },
      {
        parent: this,
        protect: lasting(args).protect,
        // The name can belong to one address at a time.
        deleteBeforeReplace: true,
        aliases,
      },
    );
  }

  #firewall(names: HostNames, args: HetznerServerArgs): hcloud.Firewall {
    const { name, aliases } = names.of(parts.firewall);
    return new hcloud.Firewall(
      name,
      { name, labels: args.labels, rules: hetznerFirewallRules(args.firewall) },
      { parent: this, aliases },
    );
  }

  #server(
    names: HostNames,
    args: HetznerServerArgs,
    firewall: hcloud.Firewall,
    ipv4: hcloud.PrimaryIp | undefined,
    ipv6: hcloud.PrimaryIp | undefined,
  ): hcloud.Server {
    const { name, aliases } = names.of(parts.instance);
    return new hcloud.Server(
      name,
      {
        name: names.host,
        serverType: args.serverType,
        location: locationOf(args, ipv6 ?? ipv4),
        image: args.image,
        labels: args.labels,
        backups: args.backups,
        deleteProtection: args.deleteProtection,
        rebuildProtection: args.deleteProtection,
        keepDisk: true,
        sshKeys: [args.sshKeyId],
        userData: pulumi.secret(pulumi.output(args.bootstrapKey).apply(bootstrapUserData)),
        firewallIds: [firewall.id.apply(Number)],
        publicNets: [publicNet(ipv4, ipv6)],
        ...(args.placementGroupId === null
          ? {}
          : { placementGroupId: pulumi.output(args.placementGroupId).apply(Number) }),
      },
      {
        parent: this,
        protect: args.protect,
        // The name and the addresses can belong to one server at a time.
        deleteBeforeReplace: true,
        // The provider reads all of the server's firewalls back, and would detach those it was not given.
        ignoreChanges: ["image", "userData", "sshKeys", ...(args.secondFirewall ? ["firewallIds"] : [])],
        aliases,
      },
    );
  }
}

/**
 * Where an address is, which is where the host is. What takes its location from there is removed before the address is: the provider
 * leaves an address that is assigned where it is, and says that it was deleted (its primaryip/resource.go). One after the other, because
 * Pulumi waits for the removal of a server in the replacement of one resource only.
 */
function locationOf(
  { location }: HetznerServerArgs,
  ip: hcloud.PrimaryIp | undefined,
): pulumi.Output<string> {
  return pulumi.all([location, ip?.location]).apply(([wanted, found]) => found ?? wanted);
}

function publicNet(
  ipv4: hcloud.PrimaryIp | undefined,
  ipv6: hcloud.PrimaryIp | undefined,
): hcloud.types.input.ServerPublicNet {
  return {
    ipv4Enabled: ipv4 !== undefined,
    ipv6Enabled: ipv6 !== undefined,
    ...(ipv4 === undefined ? {} : { ipv4: ipv4.id.apply(Number) }),
    ...(ipv6 === undefined ? {} : { ipv6: ipv6.id.apply(Number) }),
  };
}

/** Protection of what is bound to a location: none while that may change. */
function lasting({
  locationFixed,
  protect,
  deleteProtection,
}: HetznerServerArgs): Pick<HetznerServerArgs, "protect" | "deleteProtection"> {
  return locationFixed ? { protect, deleteProtection } : { protect: false, deleteProtection: false };
}

function namedAddresses(
  ips: Readonly<Record<"ipv4" | "ipv6", hcloud.PrimaryIp | undefined>>,
  ptrRecords: HetznerServerArgs["ptrRecords"],
): NamedAddress[] {
  return (["ipv4", "ipv6"] as const).flatMap((family) => {
    const [ip, name] = [ips[family], ptrRecords[family]];
    return ip === undefined || name === null
      ? []
      : [{ family, ip, name, address: ip.ipAddress.apply(firstOfNetwork) }];
  });
}

/** `2001:db8:1::` → `2001:db8:1::1`; an IPv4 address stays as it is. */
function firstOfNetwork(address: string): string {
  return address.includes(":") && address.endsWith("::") ? `${address}1` : address;
}

function noAddress(host: string): never {
  throw new Error(`host "${host}" has neither IPv4 nor IPv6; the configuration should have been refused`);
}

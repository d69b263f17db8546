/** Everything an emulated project holds. Records are the truth; views turn them into the APIs' JSON. */
import type { Machine } from "../../machines/contract.ts";
import type { Image, ServerType } from "./catalog.ts";

/** What every resource of a zone has. Times are RFC 3339. */
export interface Resource {
  readonly id: string;
  readonly zone: string;
  readonly created: string;
  modified: string;
  name: string;
  tags: readonly string[];
}

export type ServerState = "stopped" | "starting" | "running" | "stopping" | "stopped in place";

export interface ServerRecord extends Resource {
  readonly image: Image;
  readonly mac: string;
  readonly rootVolume: string;
  /** Further volumes, in their order: `volumes` 1 and up. */
  volumes: readonly string[];
  /** cloud-init and others, by key. */
  readonly userData: Map<string, string>;
  type: ServerType;
  bootType: "local" | "rescue";
  protected: boolean;
  dynamicIp: boolean;
  securityGroup: string;
  placementGroup: string | null;
  state: ServerState;
  /** Why it is in that state; empty if there is nothing to say. */
  stateDetail: string;
  /** Null until its first start. */
  machine: Machine | null;
}

export interface IpRecord extends Resource {
  readonly type: "routed_ipv4" | "routed_ipv6";
  /** An address (IPv4) or a /64 network (IPv6). */
  readonly ip: string;
  /** Of an IPv6 network: the name of the one address of it that has one. */
  reverse: string | null;
  /** IPv6: which address that is. */
  named: string | null;
  server: string | null;
  /** Order in which it was attached: the first one is the server's `public_ip`. */
  attachedAs: number;
}

export interface SecurityGroupRule {
  readonly id: string;
  readonly protocol: "TCP" | "UDP" | "ICMP" | "ANY";
  readonly direction: "inbound" | "outbound";
  readonly action: "accept" | "drop";
  readonly ip_range: string;
  readonly dest_port_from: number | null;
  readonly dest_port_to: number | null;
  readonly editable: boolean;
}

export interface SecurityGroupRecord extends Resource {
  readonly projectDefault: boolean;
  description: string | null;
  stateful: boolean;
  inbound: "accept" | "drop";
  outbound: "accept" | "drop";
  /** Blocks SMTP outwards. */
  defaultSecurity: boolean;
  rules: readonly SecurityGroupRule[];
}

export interface VolumeRecord extends Resource {
  /** Bytes. */
  size: number;
  iops: number;
  /** A new one is not there at once, nor is one on a server. */
  status: "creating" | "attaching" | "ready";
  server: string | null;
  readonly snapshot: string | null;
}

export interface PlacementGroupRecord extends Resource {
  policyType: "max_availability" | "low_latency";
  policyMode: "optional" | "enforced";
}

/** A network card of a server in a private network. */
export interface PrivateNicRecord extends Resource {
  readonly server: string;
  readonly network: string;
  readonly mac: string;
  /** Reserved addresses it has. */
  readonly addresses: readonly string[];
  status: "attaching" | "available";
}

/** What every resource of a region has. Times are RFC 3339. */
export interface RegionalResource {
  readonly id: string;
  readonly region: string;
  readonly created: string;
  modified: string;
  name: string;
  tags: readonly string[];
}

export interface Subnet {
  readonly id: string;
  /** `10.0.0.0/24` */
  readonly range: string;
}

export interface PrivateNetworkRecord extends RegionalResource {
  readonly vpc: string;
  readonly ipv4: Subnet;
  readonly ipv6: Subnet;
  propagatesDefaultRoute: boolean;
}

/** An address of a private network that is reserved in IPAM; its name is the address. */
export interface ReservedAddressRecord extends RegionalResource {
  readonly network: string;
  /** Network card that has it. */
  nic: string | null;
}

/** Keys belong to the project, not to a zone. */
export interface SshKeyRecord {
  readonly id: string;
  readonly created: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  modified: string;
  name: string;
  disabled: boolean;
}

/** Kinds of resources. */
export interface Records {
  readonly servers: ServerRecord;
  readonly ips: IpRecord;
  readonly security_groups: SecurityGroupRecord;
  readonly volumes: VolumeRecord;
  readonly ssh_keys: SshKeyRecord;
  readonly placement_groups: PlacementGroupRecord;
  readonly private_networks: PrivateNetworkRecord;
  readonly reserved_addresses: ReservedAddressRecord;
  readonly private_nics: PrivateNicRecord;
}

export type Kind = keyof Records;

/** Resources by id, per kind. */
export type State = { readonly [K in Kind]: Map<string, Records[K]> };

export function emptyState(): State {
  return {
    servers: new Map(),
    ips: new Map(),
    security_groups: new Map(),
    volumes: new Map(),
    ssh_keys: new Map(),
    placement_groups: new Map(),
    private_networks: new Map(),
    reserved_addresses: new Map(),
    private_nics: new Map(),
  };
}

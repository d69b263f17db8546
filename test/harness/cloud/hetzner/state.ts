/** Everything an emulated project holds. Records are the truth; views turn them into the API's JSON. */
import type { Machine } from "../../machines/contract.ts";
import type { Image } from "./catalog/images.ts";
import type { LoadBalancerType } from "./catalog/load-balancer-types.ts";
import type { Location, NetworkZone } from "./catalog/locations.ts";
import type { ServerType } from "./catalog/server-types.ts";
import type { Labels } from "./labels.ts";

/** What every resource has. `created` is RFC 3339. */
export interface Resource {
  readonly id: number;
  readonly created: string;
  name: string;
  labels: Labels;
}

/** States a server passes through; otherwise its machine tells. */
export type Transition = "initializing" | "starting" | "stopping" | "rebuilding" | "migrating" | "deleting";

export interface PrivateNet {
  readonly network: number;
  readonly ip: string;
  readonly mac: string;
  aliasIps: readonly string[];
}

export interface ServerRecord extends Resource {
  readonly location: Location;
  readonly authorizedKeys: readonly string[];
  type: ServerType;
  image: Image;
  userData: string | null;
  /** GB. */
  primaryDiskSize: number;
  protection: { delete: boolean; rebuild: boolean };
  backupWindow: string | null;
  placementGroup: number | null;
  privateNets: PrivateNet[];
  transition: Transition | null;
  /** Null until its first start. */
  machine: Machine | null;
}

export interface SshKeyRecord extends Resource {
  /** MD5 over the key blob, colon-separated. */
  readonly fingerprint: string;
  readonly publicKey: string;
}

export interface FirewallRule {
  readonly direction: "in" | "out";
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

export interface FirewallRecord extends Resource {
  rules: readonly FirewallRule[];
  readonly servers: Set<number>;
  readonly selectors: Set<string>;
}

export interface Subnet {
  readonly type: "cloud" | "server";
  readonly ip_range: string;
  readonly network_zone: NetworkZone;
  readonly gateway: string;
}

interface NetworkRoute {
  readonly destination: string;
  readonly gateway: string;
}

export interface NetworkRecord extends Resource {
  ipRange: string;
  subnets: Subnet[];
  routes: NetworkRoute[];
  protected: boolean;
  exposeRoutesToVswitch: boolean;
}

export interface PrimaryIpRecord extends Resource {
  readonly type: "ipv4" | "ipv6";
  /** An address (ipv4) or a /64 network (ipv6). */
  readonly ip: string;
  readonly location: Location;
  /** Address to name. */
  readonly dnsPtr: Map<string, string>;
  assignee: number | null;
  autoDelete: boolean;
  protected: boolean;
}

export interface PlacementGroupRecord extends Resource {
  readonly type: "spread";
}

export interface VolumeRecord extends Resource {
  readonly location: Location;
  readonly format: "ext4" | "xfs" | null;
  /** GB. */
  size: number;
  server: number | null;
  protected: boolean;
}

export type BalancerProtocol = "tcp" | "http" | "https";

/** What a load balancer listens for; in the API's own words. Times in seconds. */
export interface BalancerService {
  readonly protocol: BalancerProtocol;
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  /** Null for tcp. */
  readonly http: {
    readonly cookie_name: string;
    readonly cookie_lifetime: number;
    readonly certificates: readonly number[];
    readonly redirect_http: boolean;
    readonly sticky_sessions: boolean;
  } | null;
  readonly health_check: BalancerHealthCheck;
}

export interface BalancerHealthCheck {
  readonly protocol: BalancerProtocol;
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  /** Null for tcp. */
  readonly http: {
    readonly domain: string;
    readonly path: string;
    readonly response: string;
    readonly status_codes: readonly string[];
    readonly tls: boolean;
  } | null;
}

/** A server that a load balancer leads to. */
export interface BalancerTarget {
  readonly server: number;
  readonly usePrivateIp: boolean;
}

export interface LoadBalancerRecord extends Resource {
  readonly location: Location;
  readonly ipv4: string;
  /** A /64 network, of which the first address is its own. */
  readonly ipv6: string;
  type: LoadBalancerType;
  algorithm: "round_robin" | "least_connections";
  services: readonly BalancerService[];
  targets: readonly BalancerTarget[];
  privateNet: { readonly network: number; readonly ip: string } | null;
  publicInterface: boolean;
  /** Address to name. */
  readonly dnsPtr: Map<string, string>;
  protected: boolean;
}

/** Kinds of resources; the keys are the API's path segments. */
export interface Records {
  readonly servers: ServerRecord;
  readonly ssh_keys: SshKeyRecord;
  readonly firewalls: FirewallRecord;
  readonly networks: NetworkRecord;
  readonly primary_ips: PrimaryIpRecord;
  readonly placement_groups: PlacementGroupRecord;
  readonly volumes: VolumeRecord;
  readonly load_balancers: LoadBalancerRecord;
}

export type Kind = keyof Records;

/** Resources by id, per kind. */
export type State = { readonly [K in Kind]: Map<number, Records[K]> };

export function emptyState(): State {
  return {
    servers: new Map(),
    ssh_keys: new Map(),
    firewalls: new Map(),
    networks: new Map(),
    primary_ips: new Map(),
    placement_groups: new Map(),
    volumes: new Map(),
    load_balancers: new Map(),
  };
}

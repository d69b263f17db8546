import type { FleetConfiguration } from "../config/schema.ts";
import type { BalancerServiceSettings, BalancerSettings } from "../config/settings/load-balancer.ts";
import {
  balancerDefaults,
  balancerLocation,
  checkTimes,
  listenPort,
} from "../config/settings/load-balancer-defaults.ts";
import { select } from "../naming/selector.ts";

/** What a load balancer listens for, and where it leads. */
export interface BalancerService {
  readonly protocol: BalancerServiceSettings["protocol"];
  readonly listen: number;
  readonly destination: number;
  readonly proxyProtocol: boolean;
  /** null: of tcp, which has none of it. */
  readonly http: {
    readonly sticky: boolean;
    readonly cookie: string;
    /** Seconds. */
    readonly lifetime: number;
    readonly certificates: readonly number[];
    readonly redirect: boolean;
  } | null;
  readonly check: BalancerCheck;
}

/** How a service finds out which targets are well. Times in seconds. */
export interface BalancerCheck {
  readonly protocol: BalancerServiceSettings["protocol"];
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  /** null: of tcp, where a connection is enough. */
  readonly http: {
    readonly path: string;
    /** Empty: none is sent. */
    readonly domain: string;
    /** Text of the body; empty: any will do. */
    readonly response: string;
    readonly statusCodes: readonly string[];
    readonly tls: boolean;
  } | null;
}

/** A load balancer of the stack with every default applied. */
export interface LoadBalancer {
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly algorithm: NonNullable<BalancerSettings["algorithm"]>;
  /** Names of hosts, sorted; never empty. */
  readonly targets: readonly string[];
  /** Where targets are reached; null: at their public addresses. */
  readonly network: { readonly name: string; readonly address: string } | null;
  /** In the order of their ports. */
  readonly services: readonly BalancerService[];
  readonly ptrRecords: { readonly ipv4: string | null; readonly ipv6: string | null };
  readonly labels: Readonly<Record<string, string>>;
  readonly protect: boolean;
  readonly deleteProtection: boolean;
}

/** Applies the defaults; sorted by name. */
export function expandBalancers(configuration: FleetConfiguration): LoadBalancer[] {
  return Object.entries(configuration.loadBalancers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, settings]) => expandBalancer(name, settings, configuration));
}

function expandBalancer(
  name: string,
  settings: BalancerSettings,
  { hosts, defaults }: FleetConfiguration,
): LoadBalancer {
  const { network, privateAddress, reverseDns } = settings;
  if (network !== undefined && privateAddress === undefined)
    throw new Error(`load balancer "${name}" has no address; the configuration should have been refused`);
  const known = Object.entries(hosts).map(([host, { tags }]) => ({ name: host, tags }));
  const targets = new Set(settings.targets.flatMap((selector) => select(selector, known)));
  const ptrRecords =
    typeof reverseDns === "string" ? { ipv4: reverseDns, ipv6: reverseDns } : (reverseDns ?? {});
  const named = (pointer: string | undefined) => pointer?.replaceAll("{host}", name) ?? null;
  return {
    name,
    type: settings.type ?? balancerDefaults.type,
    location: balancerLocation(settings, defaults),
    algorithm: settings.algorithm ?? "round_robin",
    targets: [...targets].sort(),
    network:
      network === undefined || privateAddress === undefined
        ? null
        : { name: network, address: privateAddress },
    services: settings.services.map(expandService).sort((a, b) => a.listen - b.listen),
    ptrRecords: { ipv4: named(ptrRecords.ipv4), ipv6: named(ptrRecords.ipv6) },
    labels: { ...defaults.labels, ...settings.labels },
    protect: settings.protect ?? defaults.protect ?? true,
    deleteProtection: settings.deleteProtection ?? defaults.deleteProtection ?? false,
  };
}

function expandService(service: BalancerServiceSettings): BalancerService {
  const { protocol } = service;
  const listen = listenPort(service);
  if (listen === undefined)
    throw new Error("a service has no port; the configuration should have been refused");
  // Of what it takes apart itself, a balancer hands on plain HTTP.
  const destination = service.destination ?? (protocol === "tcp" ? listen : 80);
  return {
    protocol,
    listen,
    destination,
    proxyProtocol: service.proxyProtocol ?? false,
    http: protocol === "tcp" ? null : httpOf(service),
    check: checkOf(service, destination),
  };
}

function httpOf({
  stickySessions,
  certificates,
  redirectHttp,
}: BalancerServiceSettings): NonNullable<BalancerService["http"]> {
  const sticky = typeof stickySessions === "object" ? stickySessions : {};
  return {
    sticky: stickySessions !== undefined && stickySessions !== false,
    cookie: sticky.cookie ?? balancerDefaults.cookie,
    lifetime: sticky.lifetime ?? balancerDefaults.lifetime,
    certificates: [...(certificates ?? [])].sort((a, b) => a - b),
    redirect: redirectHttp ?? false,
  };
}

function checkOf(service: BalancerServiceSettings, destination: number): BalancerCheck {
  const { healthCheck: given, protocol: served } = service;
  const protocol = given?.protocol ?? (served === "tcp" ? "tcp" : "http");
  return {
    protocol,
    port: given?.port ?? destination,
    ...checkTimes(service),
    retries: given?.retries ?? balancerDefaults.check.retries,
    http:
      protocol === "tcp"
        ? null
        : {
            path: given?.path ?? "/",
            domain: given?.domain ?? "",
            response: given?.response ?? "",
            statusCodes: given?.statusCodes ?? balancerDefaults.check.statusCodes,
            tls: protocol === "https",
          },
  };
}

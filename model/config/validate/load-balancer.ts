import { type ConfigError, suggestion } from "../../errors/config-error.ts";
import { type Selectable, select, selectorErrors } from "../../naming/selector.ts";
import { allowedLocations } from "../hosts/allowed-locations.ts";
import type { HostConfig } from "../schema.ts";
import { zoneOfLocation } from "../settings/hetzner-names.ts";
import type { BalancerServiceSettings, PartialBalancer } from "../settings/load-balancer.ts";
import { balancerLocation, checkTimes, listenPort } from "../settings/load-balancer-defaults.ts";
import type { NetworkSettings } from "../settings/network.ts";
import { providerOf, type StackSettings } from "../stack-settings.ts";
import { type Networks, unusableAddress } from "./network.ts";

/** What load balancers are held against. */
export interface Around {
  readonly hosts: Readonly<Record<string, HostConfig>>;
  readonly networks: Networks;
  readonly stack: StackSettings;
}

/** Errors of load balancers, with hosts and networks. What is wrong with a setting by itself is reported elsewhere. */
export function balancerErrors(
  balancers: Readonly<Record<string, PartialBalancer>>,
  around: Around,
): ConfigError[] {
  const owners = new Map<string, string>();
  const known = Object.entries(around.hosts).map(([name, { tags }]) => ({ name, tags }));
  return Object.entries(balancers).flatMap(([name, settings]) => {
    const path = `fleet:loadBalancers.${name}`;
    const selectors = (settings.targets ?? []).map((selector, index) => ({
      path: `${path}.targets[${index}]`,
      selector,
    }));
    return [
      ...selectorErrors(selectors, known),
      ...selectors.flatMap((each) => targetErrors(each, settings, known, around)),
      ...networkError(path, settings, around),
      ...addressErrors(path, name, settings, { ...around, owners }),
      ...serviceErrors(path, settings.services ?? []),
    ];
  });
}

/** Each host of a selector has to be one that the balancer reaches. */
function targetErrors(
  { path, selector }: { readonly path: string; readonly selector: string },
  settings: PartialBalancer,
  known: readonly Selectable[],
  { hosts, stack }: Around,
): ConfigError[] {
  return select(selector, known).flatMap((name) => {
    const host = hosts[name];
    const reason = host && unreachable(host, settings, stack);
    return reason === undefined ? [] : [{ path, reason: `host "${name}" ${reason}` }];
  });
}

function unreachable(
  host: HostConfig,
  { location, network }: PartialBalancer,
  stack: StackSettings,
): string | undefined {
  const provider = providerOf(host, stack);
  if (provider !== "hetzner")
    return `is of provider "${provider}": a load balancer at Hetzner leads to servers at Hetzner Cloud`;
  if (network !== undefined)
    return host.importServer === undefined && host.networks?.[network] !== undefined
      ? undefined
      : `is not in network "${network}", in which the balancer would reach it`;
  if (host.importServer !== undefined) return undefined;
  if (!(host.ipv4 ?? stack.defaults.ipv4 ?? true))
    return "has no public IPv4 address, which is all that a balancer reaches without a network";
  const zone = zoneOfLocation[balancerLocation({ location }, stack.defaults)];
  const outside = allowedLocations(host, stack.defaults).find((place) => zoneOfLocation[place] !== zone);
  return (
    outside && `is in ${outside}, in zone ${zoneOfLocation[outside]}; the load balancer is in zone ${zone}`
  );
}

function networkError(
  path: string,
  { network, privateAddress, location }: PartialBalancer,
  { networks, stack }: Around,
): ConfigError[] {
  if (network === undefined)
    return privateAddress === undefined
      ? []
      : [
          {
            path: `${path}.privateAddress`,
            reason: "is for a balancer with a network: set `network` as well",
          },
        ];
  const at = `${path}.network`;
  if (!networks.names.includes(network)) {
    const hint =
      networks.names.length === 0 ? ": fleet:networks has none" : suggestion(network, networks.names);
    return [{ path: at, reason: `is not a network of the stack${hint}` }];
  }
  const found = networks.readable[network];
  if (found === undefined) return [];
  if (found.provider === "scaleway")
    return [{ path: at, reason: 'is a network of provider "scaleway"; the balancer is at Hetzner' }];
  const own = balancerLocation({ location }, stack.defaults);
  const zone = found.zone ?? "eu-central";
  if (zoneOfLocation[own] === zone) return [];
  return [
    {
      path: at,
      reason: `is a network of zone ${zone}, and location ${own} is in ${zoneOfLocation[own]}`,
    },
  ];
}

interface Addresses extends Around {
  /** Which balancer has which address of which network. */
  readonly owners: Map<string, string>;
}

function addressErrors(
  path: string,
  name: string,
  { network, privateAddress: address }: PartialBalancer,
  { hosts, networks, owners }: Addresses,
): ConfigError[] {
  const found = network === undefined ? undefined : networks.readable[network];
  if (network === undefined || found === undefined) return [];
  const at = `${path}.privateAddress`;
  if (address === undefined)
    return [
      {
        path: at,
        // What Hetzner would choose by itself could be one that a host is to have.
        reason: `is missing: the balancer's own address, of ${rangeOf(found)}, which no host has`,
      },
    ];
  const unusable = unusableAddress(address, found);
  if (unusable !== undefined) return [{ path: at, reason: unusable }];
  const owner = Object.entries(hosts).find(([, host]) => host.networks?.[network]?.includes(address))?.[0];
  if (owner !== undefined) return [{ path: at, reason: `is the address of host "${owner}" too: ${address}` }];
  const key = `${network} ${address}`;
  const other = owners.get(key);
  owners.set(key, name);
  return other === undefined
    ? []
    : [{ path: at, reason: `is the address of load balancer "${other}" too: ${address}` }];
}

function rangeOf({ range, subnet }: NetworkSettings): string {
  return subnet ?? range ?? "it";
}

function serviceErrors(path: string, services: readonly BalancerServiceSettings[]): ConfigError[] {
  const ports = new Map<number, number>();
  return services.flatMap((service, index) => {
    const at = `${path}.services[${index}]`;
    return [
      ...portErrors(at, service, index, ports),
      ...protocolErrors(at, service),
      ...checkErrors(at, service),
    ];
  });
}

/** `ports`: which service has which. A redirect takes port 80 as well. */
function portErrors(
  at: string,
  service: BalancerServiceSettings,
  index: number,
  ports: Map<number, number>,
): ConfigError[] {
  const listen = listenPort(service);
  if (listen === undefined)
    return [{ path: `${at}.listen`, reason: "is missing: tcp has no port of its own" }];
  const wanted: (readonly [setting: string, port: number])[] = [["listen", listen]];
  if (service.redirectHttp === true && service.protocol === "https" && listen !== 80)
    wanted.push(["redirectHttp", 80]);
  return wanted.flatMap(([setting, port]) => {
    const other = ports.get(port);
    ports.set(port, other ?? index);
    return other === undefined
      ? []
      : [{ path: `${at}.${setting}`, reason: `takes port ${port}, as services[${other}] does` }];
  });
}

function protocolErrors(at: string, service: BalancerServiceSettings): ConfigError[] {
  const { protocol, certificates, redirectHttp, stickySessions } = service;
  const errors: ConfigError[] = [];
  if (protocol === "https" && certificates === undefined)
    errors.push({
      path: `${at}.certificates`,
      reason:
        'is missing: https ends at the balancer, with certificates that are at Hetzner; to leave TLS to the hosts, take protocol "tcp"',
    });
  if (protocol !== "https" && certificates !== undefined)
    errors.push({ path: `${at}.certificates`, reason: `is for https, and the protocol is ${protocol}` });
  if (protocol !== "https" && redirectHttp !== undefined)
    errors.push({ path: `${at}.redirectHttp`, reason: `is for https, and the protocol is ${protocol}` });
  if (protocol === "tcp" && stickySessions !== undefined)
    errors.push({ path: `${at}.stickySessions`, reason: "is for http and https: tcp has no cookies" });
  return errors;
}

function checkErrors(at: string, service: BalancerServiceSettings): ConfigError[] {
  const check = service.healthCheck;
  if (check === undefined) return [];
  const errors: ConfigError[] = [];
  const { interval, timeout } = checkTimes(service);
  if (timeout > interval)
    errors.push({
      path: `${at}.healthCheck.timeout`,
      reason: `must not be longer than the interval: ${timeout} s of ${interval} s`,
    });
  const protocol = check.protocol ?? (service.protocol === "tcp" ? "tcp" : "http");
  if (protocol === "tcp")
    for (const setting of ["path", "domain", "response", "statusCodes"] as const)
      if (check[setting] !== undefined)
        errors.push({
          path: `${at}.healthCheck.${setting}`,
          reason: "is for a check by http or https, and this one is by tcp",
        });
  return errors;
}

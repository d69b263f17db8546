import { type ConfigError, suggestion } from "../../errors/config-error.ts";
import { contains, gatewayOf, networkOf, overlap } from "../../network/ipv4-network.ts";
import { allowedLocations, allowedZones } from "../hosts/allowed-locations.ts";
import type { HostConfig } from "../schema.ts";
import { zoneOfLocation } from "../settings/hetzner-names.ts";
import type { NetworkSettings } from "../settings/network.ts";
import { providerOf, type StackSettings } from "../stack-settings.ts";

/** Private networks as they are written. */
export interface Networks {
  /** All of their names. */
  readonly names: readonly string[];
  /** Those that are right by themselves. */
  readonly readable: Readonly<Record<string, NetworkSettings>>;
}

/** Networks that a server can be in at Hetzner. */
const mostAtHetzner = 3;

/** Errors between hosts and private networks. */
export function networkErrors(
  hosts: Readonly<Record<string, HostConfig>>,
  networks: Networks,
  stack: StackSettings,
): ConfigError[] {
  const owners = new Map<string, string>();
  const ofHosts = Object.entries(hosts).flatMap(([name, host]) => {
    const path = `fleet:hosts.${name}.networks`;
    const provider = providerOf(host, stack);
    // Elsewhere it is said that such a machine has no networks at all.
    if (provider === "existing" || host.importServer !== undefined) return [];
    const joined = Object.entries(host.networks ?? {});
    const errors = joined.flatMap(([network, [address]]): ConfigError[] => {
      const at = `${path}.${network}`;
      if (!networks.names.includes(network)) return unknownNetwork(at, network, networks.names);
      const settings = networks.readable[network];
      if (settings === undefined) return [];
      const own = settings.provider ?? "hetzner";
      if (own !== provider)
        return [
          {
            path: at,
            reason: `is a network of provider "${own}", and this host's provider is "${provider}"`,
          },
        ];
      const place = placeError(host, settings, stack);
      return [
        ...(place === undefined ? [] : [{ path: at, reason: place }]),
        ...(address === undefined ? [] : addressErrors(at, { name, network, address, settings, owners })),
      ];
    });
    return [...errors, ...togetherErrors(path, Object.keys(host.networks ?? {}), networks, provider)];
  });
  return [...ofHosts, ...sharedRanges(networks)];
}

/** The networks of a stack in a region of Scaleway's are all in the project's default VPC there. */
function sharedRanges({ readable }: Networks): ConfigError[] {
  const before: { name: string; region: string; subnet: string }[] = [];
  return Object.entries(readable).flatMap(
    ([name, { provider, region = "fr-par", subnet }]): ConfigError[] => {
      if (provider !== "scaleway" || subnet === undefined) return [];
      const other = before.find(
        (each) => each.region === region && overlap(networkOf(each.subnet), networkOf(subnet)),
      );
      before.push({ name, region, subnet });
      if (other === undefined) return [];
      const reason = `has addresses in common with network "${other.name}": both are in the project's VPC of ${region}`;
      return [{ path: `fleet:networks.${name}.subnet`, reason }];
    },
  );
}

function unknownNetwork(path: string, network: string, names: readonly string[]): ConfigError[] {
  const hint = names.length === 0 ? ": fleet:networks has none" : suggestion(network, names);
  return [{ path, reason: `is not a network of the stack${hint}` }];
}

interface Joined {
  readonly name: string;
  readonly network: string;
  readonly address: string;
  readonly settings: NetworkSettings;
  /** Who has which address of which network. */
  readonly owners: Map<string, string>;
}

function addressErrors(path: string, { name, network, address, settings, owners }: Joined): ConfigError[] {
  const owner = owners.get(`${network} ${address}`);
  owners.set(`${network} ${address}`, owner ?? name);
  const reason =
    owner !== undefined && owner !== name
      ? `is the address of host "${owner}" too: ${address}`
      : unusableAddress(address, settings);
  return reason === undefined ? [] : [{ path, reason }];
}

/** Why no host can have an address of a network (docs.hetzner.com, Cloud, Networks, FAQ). */
export function unusableAddress(
  address: string,
  { provider, range, subnet }: NetworkSettings,
): string | undefined {
  const text = subnet ?? range;
  if (text === undefined) return undefined;
  const part = networkOf(text);
  if (!contains(part, address)) return `must be of the network's subnet, ${text}: ${address}`;
  if (address === part.base) return `is the subnet itself: ${address}`;
  if (address === part.broadcast) return `is the subnet's broadcast address: ${address}`;
  if (address === gatewayOf(range === undefined ? part : networkOf(range)))
    return `is the network's gateway: ${address}`;
  if (provider !== "scaleway" && address === "172.31.1.1")
    return "is the gateway of Hetzner's public network: 172.31.1.1";
  return undefined;
}

function placeError(host: HostConfig, settings: NetworkSettings, stack: StackSettings): string | undefined {
  if (settings.provider === "scaleway") {
    const region = settings.region ?? "fr-par";
    const outside = allowedZones(host, stack.defaults).find((zone) => !zone.startsWith(`${region}-`));
    return outside && `is a network of region ${region}, and ${outside} is not there`;
  }
  const zone = settings.zone ?? "eu-central";
  const outside = allowedLocations(host, stack.defaults).find((place) => zoneOfLocation[place] !== zone);
  return outside && `is a network of zone ${zone}, and location ${outside} is in ${zoneOfLocation[outside]}`;
}

/** Of networks with addresses in common, one would be out of reach. */
function togetherErrors(
  path: string,
  joined: readonly string[],
  { readable }: Networks,
  provider: string,
): ConfigError[] {
  const errors: ConfigError[] = [];
  if (provider === "hetzner" && joined.length > mostAtHetzner)
    errors.push({ path, reason: `names ${joined.length} networks: at Hetzner a server is in three at most` });
  for (const [index, name] of joined.entries())
    for (const other of joined.slice(0, index)) {
      const [one, two] = [readable[name], readable[other]].map((found) => found?.range ?? found?.subnet);
      if (one !== undefined && two !== undefined && overlap(networkOf(one), networkOf(two)))
        errors.push({ path: `${path}.${name}`, reason: `has addresses in common with network "${other}"` });
    }
  return errors;
}

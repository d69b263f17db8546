import type { hetznerNetworkZones } from "../config/settings/hetzner-names.ts";
import type { NetworkSettings } from "../config/settings/network.ts";
import type { scalewayRegions } from "../config/settings/scaleway-names.ts";
import type { NetworkFacts } from "../facts/facts.ts";

interface NetworkBase extends NetworkFacts {
  readonly name: string;
}

/** A private network at Hetzner Cloud. */
export interface HetznerNetwork extends NetworkBase {
  readonly provider: "hetzner";
  readonly zone: (typeof hetznerNetworkZones)[number];
}

/** A private network at Scaleway; `range` is its subnet. */
export interface ScalewayNetwork extends NetworkBase {
  readonly provider: "scaleway";
  readonly region: (typeof scalewayRegions)[number];
}

/** A private network of the stack with every default applied. */
export type Network = HetznerNetwork | ScalewayNetwork;

/** Applies the defaults; sorted by name. */
export function expandNetworks(networks: Readonly<Record<string, NetworkSettings>>): Network[] {
  return Object.entries(networks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, settings]) => expandNetwork(name, settings));
}

function expandNetwork(name: string, { provider, range, subnet, zone, region }: NetworkSettings): Network {
  const part = subnet ?? range;
  if (part === undefined)
    throw new Error(`network "${name}" has no range; the configuration should have been refused`);
  if (provider === "scaleway")
    return { name, provider, range: part, subnet: part, region: region ?? "fr-par" };
  return { name, provider: "hetzner", range: range ?? part, subnet: part, zone: zone ?? "eu-central" };
}

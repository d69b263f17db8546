import type { StaticFacts, StaticHostFacts } from "../facts.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";
import { locationOf } from "./location.ts";

/** The facts that follow from the inventory alone. */
export function staticFacts(inventory: Inventory, stack: string, environment: string): StaticFacts {
  const hosts = inventory.hosts.map((host) => [host.name, factsOf(host)] as const);
  const networks = inventory.networks.map(({ name, range, subnet }) => [name, { range, subnet }] as const);
  return { stack, environment, hosts: Object.fromEntries(hosts), networks: Object.fromEntries(networks) };
}

function factsOf(host: InventoryHost): StaticHostFacts {
  const { provider, tags } = host;
  const parts = provider === "existing" ? { networks: {}, volumes: {} } : host;
  return {
    provider,
    location: locationOf(host),
    tags,
    privateAddresses: parts.networks,
    volumes: parts.volumes,
  };
}

import type { StaticFacts, StaticHostFacts } from "../facts/facts.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";

/**
 * The facts that follow from the inventory alone.
 * @param programFacts names of the facts of one's own that the program itself gives
 */
export function staticFacts(
  inventory: Inventory,
  { project, stack }: Pick<StaticFacts, "project" | "stack">,
  programFacts: readonly string[] = [],
): StaticFacts {
  const hosts = inventory.hosts.map((host) => [host.name, factsOf(host)] as const);
  const networks = inventory.networks.map(({ name, range, subnet }) => [name, { range, subnet }] as const);
  return {
    project,
    stack,
    hosts: Object.fromEntries(hosts),
    networks: Object.fromEntries(networks),
    customFacts: [...new Set([...Object.keys(inventory.customFacts), ...programFacts])].sort(),
  };
}

function factsOf(host: InventoryHost): StaticHostFacts {
  const { provider, tags, login } = host;
  const parts = provider === "existing" ? { networks: {}, volumes: {} } : host;
  return {
    provider,
    location: locationOf(host),
    tags,
    sshPort: login.port,
    privateAddresses: parts.networks,
    volumes: parts.volumes,
  };
}

/** Where a host's server is, by its provider's name of the location; null: unknown. */
function locationOf(host: InventoryHost): string | null {
  switch (host.provider) {
    case "hetzner":
      return host.location;
    case "scaleway":
      return host.zone;
    case "existing":
      return null;
  }
}

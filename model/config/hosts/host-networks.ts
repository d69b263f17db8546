import type { ConfigError } from "../../errors/config-error.ts";
import type { HostNetworks } from "../settings/network.ts";

/** Private addresses of the hosts of one entry. */
export interface NetworksOfEntry {
  readonly errors: readonly ConfigError[];
  /** What the host at a place in the entry's order has: one address in each network. */
  of(index: number): { readonly networks?: HostNetworks };
}

/** Deals the addresses of an entry of `fleet:hosts` out to its hosts. `path`: that of the entry. */
export function networksOfEntry(
  path: string,
  networks: HostNetworks | undefined,
  hosts: number,
): NetworksOfEntry {
  if (networks === undefined) return { errors: [], of: () => ({}) };
  const errors = Object.entries(networks)
    .filter(([, addresses]) => addresses.length !== hosts)
    .map(([network, addresses]) => ({
      path: `${path}.networks.${network}`,
      reason: `names ${counted(addresses.length, "address", "addresses")} for ${counted(hosts, "host", "hosts")}: each has one of its own`,
    }));
  const dealt = (index: number) =>
    Object.entries(networks).flatMap(([network, addresses]) => {
      const address = addresses[index];
      return address === undefined ? [] : [[network, [address]] as [string, string[]]];
    });
  return { errors, of: (index) => ({ networks: Object.fromEntries(dealt(index)) }) };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

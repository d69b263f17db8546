import type { Fault } from "./fault.ts";
import type { HostConfig, HostSettings } from "./schema.ts";

type Hosts = Readonly<Record<string, HostConfig>>;

/** Faults between several settings or several hosts, each of which is right by itself. */
export function relationFaults(hosts: Hosts, defaults: HostSettings): Fault[] {
  const ofHosts = Object.entries(hosts).flatMap(([name, host]) => faultsOfHost(name, host, defaults));
  return [...ofHosts, ...duplicateNames(hosts)];
}

/** Faults between the settings of one host. */
function faultsOfHost(name: string, host: HostConfig, defaults: HostSettings): Fault[] {
  const path = `fleet:hosts.${name}`;
  const faults: Fault[] = [];
  if (!(host.ipv4 ?? defaults.ipv4 ?? true) && !(host.ipv6 ?? defaults.ipv6 ?? true))
    faults.push({
      path: `${path}.ipv6`,
      reason: "must be on when ipv4 is off: no address would be left",
    });
  if (host.wipe !== undefined && host.wipe !== name)
    faults.push({
      path: `${path}.wipe`,
      reason: `must repeat the host's own name, "${name}", to allow the loss of all its data`,
    });
  if (host.system !== undefined && host.flake !== undefined)
    faults.push({
      path: `${path}.system`,
      reason: "cannot stand beside flake: give one of the two",
    });
  return faults;
}

/** A name may belong to one host only, present or former. */
function duplicateNames(hosts: Hosts): Fault[] {
  const owners = new Map<string, string>(Object.keys(hosts).map((name) => [name, name]));
  return Object.entries(hosts).flatMap(([name, host]) =>
    host.formerly.flatMap((old, index): Fault[] => {
      const owner = owners.get(old);
      if (owner === undefined) {
        owners.set(old, name);
        return [];
      }
      const reason =
        owner === name
          ? "is named twice"
          : `is the name of host "${owner}" too: every name belongs to one host`;
      return [{ path: `fleet:hosts.${name}.formerly[${index}]`, reason }];
    }),
  );
}

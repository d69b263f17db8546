import type { FleetConfiguration, HostConfig } from "../config/schema.ts";
import type { StaticFacts } from "../facts.ts";
import type { Goal } from "../protocol/deploy.ts";

/** Where a host's system comes from. */
export type SystemSource =
  | { readonly kind: "flake"; readonly flake: string; readonly attribute: string }
  | { readonly kind: "closure"; readonly path: string };

/** One host with every default applied. */
export interface InventoryHost {
  readonly name: string;
  readonly formerly: readonly string[];
  readonly provider: "hetzner";
  readonly location: string;
  readonly serverType: string;
  readonly image: string;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly backups: boolean;
  readonly deleteProtection: boolean;
  readonly protect: boolean;
  readonly ports: { readonly tcp: readonly string[]; readonly udp: readonly string[] };
  readonly source: SystemSource;
  readonly goal: Goal;
  readonly reinstall: string | null;
  readonly wipe: boolean;
  readonly kexec: string | null;
}

/** All hosts of a stack, sorted by name, and what they share. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[];
  readonly ssh: FleetConfiguration["ssh"];
  readonly deadlines: FleetConfiguration["deadlines"];
}

const builtIn = {
  provider: "hetzner",
  location: "nbg1",
  serverType: "cx23",
  image: "ubuntu-24.04",
  flake: "./hosts",
} as const;

/** Applies the defaults; the configuration has been checked by `parseConfiguration`. */
export function buildInventory(configuration: FleetConfiguration): Inventory {
  const hosts = Object.entries(configuration.hosts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, host]) => expandHost(name, host, configuration));
  return { hosts, ssh: configuration.ssh, deadlines: configuration.deadlines };
}

function expandHost(name: string, host: HostConfig, { defaults }: FleetConfiguration): InventoryHost {
  return {
    name,
    formerly: host.formerly,
    provider: host.provider ?? defaults.provider ?? builtIn.provider,
    location: host.location ?? defaults.location ?? builtIn.location,
    serverType: host.serverType ?? defaults.serverType ?? builtIn.serverType,
    image: host.image ?? defaults.image ?? builtIn.image,
    ipv4: host.ipv4 ?? defaults.ipv4 ?? true,
    ipv6: host.ipv6 ?? defaults.ipv6 ?? true,
    tags: [...new Set(host.tags)].sort(),
    labels: { ...defaults.labels, ...host.labels },
    backups: host.backups ?? defaults.backups ?? false,
    deleteProtection: host.deleteProtection ?? defaults.deleteProtection ?? false,
    protect: host.protect ?? defaults.protect ?? true,
    ports: portsOf(host.firewall ?? defaults.firewall),
    source: sourceOf(name, host.system, host.flake ?? defaults.flake ?? builtIn.flake),
    goal: host.goal ?? defaults.goal ?? "switch",
    reinstall: host.reinstall ?? null,
    wipe: host.wipe === name,
    kexec: host.kexec ?? defaults.kexec ?? null,
  };
}

function portsOf(firewall: HostConfig["firewall"]): InventoryHost["ports"] {
  const texts = (ports: readonly (number | string)[] = []) => [...new Set(ports.map(String))];
  return { tcp: texts(firewall?.tcp), udp: texts(firewall?.udp) };
}

/** `./hosts#web` names the attribute; without one it is the host's name. */
function sourceOf(name: string, system: string | undefined, flake: string): SystemSource {
  if (system !== undefined) return { kind: "closure", path: system };
  const hash = flake.lastIndexOf("#");
  if (hash === -1) return { kind: "flake", flake, attribute: name };
  return { kind: "flake", flake: flake.slice(0, hash), attribute: flake.slice(hash + 1) || name };
}

/** The facts that follow from the inventory alone. */
export function staticFacts(inventory: Inventory, stack: string, environment: string): StaticFacts {
  const hosts = inventory.hosts.map(
    ({ name, provider, location, tags }) => [name, { provider, location, tags }] as const,
  );
  return { stack, environment, hosts: Object.fromEntries(hosts) };
}

import type { ConfigError } from "../../errors/config-error.ts";
import type { HostConfig } from "../schema.ts";
import { providerOf, type StackSettings } from "../stack-settings.ts";

type Hosts = Readonly<Record<string, HostConfig>>;

/** Limits of Hetzner Cloud (docs.hetzner.com, Cloud, Placement groups; Volumes). */
const mostInGroup = 10;
const mostVolumes = 16;

/** Errors of what belongs to a server in a cloud besides the server: places, groups, volumes, names of its addresses. */
export function cloudErrors(hosts: Hosts, stack: StackSettings): ConfigError[] {
  const ofHosts = Object.entries(hosts).flatMap(([name, host]) => errorsOfHost(name, host, stack));
  return [...ofHosts, ...fullGroups(hosts, stack), ...bothPlaces("fleet:defaults", stack.defaults)];
}

function errorsOfHost(name: string, host: HostConfig, stack: StackSettings): ConfigError[] {
  const path = `fleet:hosts.${name}`;
  const provider = providerOf(host, stack);
  if (provider === "existing" || host.importServer !== undefined) return [];
  const settings = { ...stack.defaults, ...host };
  const errors = [...bothPlaces(path, host), ...pointerErrors(path, host, stack)];
  const volumes = Object.keys(settings.volumes ?? {}).length;
  if (provider === "hetzner" && volumes > mostVolumes)
    errors.push({
      path: `${path}.volumes`,
      reason: `names ${volumes} volumes: at Hetzner a server has ${mostVolumes} at most`,
    });
  return errors;
}

/** One place, or several in order: both would leave open which counts. */
function bothPlaces(
  path: string,
  { location, locations, zone, zones }: Pick<HostConfig, "location" | "locations" | "zone" | "zones">,
): ConfigError[] {
  const errors: ConfigError[] = [];
  if (location !== undefined && locations !== undefined)
    errors.push({
      path: `${path}.locations`,
      reason: "cannot be combined with `location`: set only one of them",
    });
  if (zone !== undefined && zones !== undefined)
    errors.push({ path: `${path}.zones`, reason: "cannot be combined with `zone`: set only one of them" });
  return errors;
}

/** An address that the host does not have leads back to nothing. */
function pointerErrors(path: string, host: HostConfig, { defaults }: StackSettings): ConfigError[] {
  const pointers = host.reverseDns;
  if (pointers === undefined || typeof pointers === "string") return [];
  return (["ipv4", "ipv6"] as const)
    .filter((family) => pointers[family] !== undefined && !(host[family] ?? defaults[family] ?? true))
    .map((family) => ({
      path: `${path}.reverseDns.${family}`,
      reason: `is for an address that this host does not have: ${family} is off`,
    }));
}

function fullGroups(hosts: Hosts, stack: StackSettings): ConfigError[] {
  const members = new Map<string, number>();
  return Object.entries(hosts).flatMap(([name, host]): ConfigError[] => {
    const group = host.placementGroup ?? stack.defaults.placementGroup;
    if (group === undefined || providerOf(host, stack) !== "hetzner" || host.importServer !== undefined)
      return [];
    const count = (members.get(group) ?? 0) + 1;
    members.set(group, count);
    if (count !== mostInGroup + 1) return [];
    return [
      {
        path: `fleet:hosts.${name}.placementGroup`,
        reason: `is the group of ${mostInGroup} other hosts already, which is the most at Hetzner: ${group}`,
      },
    ];
  });
}

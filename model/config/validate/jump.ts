import { type ConfigError, suggestion } from "../../errors/config-error.ts";
import { type JumpSettings, jumpListOf } from "../hosts/jump-list.ts";
import { type BuildOfHosts, type BuildSettings, builderOf } from "../settings/build.ts";
import type { HopConfig } from "../settings/ssh.ts";

/** Errors of jump hosts: what is missing, unknown, or circular. */
export function jumpErrors(
  stack: JumpSettings & { readonly hosts: BuildOfHosts },
  build: BuildSettings | undefined,
): ConfigError[] {
  const lists = [
    { path: "fleet:ssh.jump", list: stack.ssh.jump },
    ...Object.entries(stack.hosts).map(([name, host]) => ({
      path: `fleet:hosts.${name}.ssh.jump`,
      list: host.ssh?.jump ?? [],
    })),
  ];
  const ofHops = lists.flatMap(({ path, list }) =>
    list.flatMap((hop, index) => hopErrors(`${path}[${index}]`, hop, stack)),
  );
  return [...ofHops, ...circles(stack, build)];
}

function hopErrors(path: string, hop: HopConfig, { hosts }: JumpSettings): ConfigError[] {
  if (hop.host === undefined) return machineErrors(path, hop);
  const surplus = (["address", "port", "user", "hostKey", "key"] as const).filter(
    (setting) => hop[setting] !== undefined,
  );
  const errors = surplus.map((setting) => ({
    path: `${path}.${setting}`,
    reason: `cannot be combined with \`host\`: "${hop.host}" has its own`,
  }));
  if (hosts[hop.host] !== undefined) return errors;
  const hint = suggestion(hop.host, Object.keys(hosts));
  return [...errors, { path, reason: `there is no host "${hop.host}" in this fleet${hint}` }];
}

function machineErrors(path: string, hop: HopConfig): ConfigError[] {
  if (hop.address === undefined)
    return [{ path, reason: "must be the name of a host of this fleet, or give address and hostKey" }];
  if (hop.hostKey !== undefined) return [];
  const scan = `ssh-keyscan -t ed25519 -p ${hop.port ?? 22} ${hop.address}`;
  const reason = `is needed: take the key from ${scan}, compare its fingerprint with what that machine's own console shows, and put it here without the address`;
  return [{ path: `${path}.hostKey`, reason }];
}

/** Why a host needs another one before anything can be done with it. */
interface Need {
  readonly host: string;
  readonly why: "is reached through" | "is built on";
}

/** Hosts that are reached through themselves. Circular dependencies of builders alone are reported by `buildErrors`. */
function circles(
  stack: JumpSettings & { readonly hosts: BuildOfHosts },
  common?: BuildSettings,
): ConfigError[] {
  const needsOf = (name: string): Need[] => {
    const builder = builderOf(name, stack.hosts, common);
    const ways = jumpListOf(name, stack).flatMap(({ host }): Need[] =>
      host === undefined ? [] : [{ host, why: "is reached through" }],
    );
    return builder === undefined ? ways : [...ways, { host: builder, why: "is built on" }];
  };
  return Object.keys(stack.hosts).flatMap((name): ConfigError[] => {
    const circle = findCycle(name, needsOf);
    if (!circle.some(({ why }) => why === "is reached through")) return [];
    const links = circle.map(({ host, why }) => `${why} ${host}`).join(", which ");
    return [{ path: `fleet:hosts.${name}.ssh.jump`, reason: `circular dependency: ${name} ${links}` }];
  });
}

/** The shortest way from a host through those it needs back to itself; empty if there is none. */
function findCycle(start: string, needsOf: (name: string) => readonly Need[]): Need[] {
  const seen = new Set<string>();
  const queue: Need[][] = [[]];
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    for (const need of needsOf(way.at(-1)?.host ?? start)) {
      if (need.host === start) return [...way, need];
      if (seen.has(need.host)) continue;
      seen.add(need.host);
      queue.push([...way, need]);
    }
  }
  return [];
}

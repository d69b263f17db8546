import { z } from "zod";
import { type ConfigError, suggestion } from "../../errors/config-error.ts";
import { publicKeySchema } from "../../protocol/connection.ts";

/** Places that are no machine of their own: keywords of `build.on`, in addition to names of hosts and addresses. */
const buildWords = ["auto", "local", "target"] as const;
export type BuildWord = (typeof buildWords)[number];

/** A machine outside of the fleet, as `ssh://user@address:port` names it (the form Nix uses for its stores). */
export interface BuildAddress {
  readonly user: string;
  /** IPv4, IPv6 (without brackets) or DNS name. */
  readonly address: string;
  readonly port: number;
}

const sshUrl =
  /^ssh:\/\/(?:([A-Za-z_][A-Za-z0-9_.-]{0,31})@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?\/?$/;

/** Reads `ssh://[user@]address[:port]`; undefined when it is none. Defaults: root, 22. */
export function parseBuildAddress(text: string): BuildAddress | undefined {
  const [, user = "root", host, port = "22"] = sshUrl.exec(text) ?? [];
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65535) return undefined;
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (host.startsWith("[") !== address.includes(":")) return undefined;
  return { user, address, port: number };
}

/** Where a host's system is built. */
export const buildSettings = z.strictObject({
  /** `auto`, `local`, `target`, the name of a host of the fleet, or `ssh://user@address:port`. */
  on: z.string().min(1),
  /** SSH host key of a machine outside of the fleet. */
  hostKey: publicKeySchema.optional(),
});
export type BuildSettings = z.infer<typeof buildSettings>;

/** Of all hosts, the settings that decide where they are built. */
export type BuildOfHosts = Readonly<Record<string, { readonly build?: BuildSettings | undefined }>>;

/** Errors of `build`: of the hosts' own settings, of the default, and of circles among them. */
export function buildErrors(hosts: BuildOfHosts, common: BuildSettings | undefined): ConfigError[] {
  const names = Object.keys(hosts);
  const errors = common === undefined ? [] : settingErrors("fleet:defaults.build", common, names);
  for (const [name, { build }] of Object.entries(hosts))
    if (build !== undefined) errors.push(...settingErrors(`fleet:hosts.${name}.build`, build, names));
  return errors.length > 0 ? errors : circleErrors(hosts, common);
}

function settingErrors(
  path: string,
  { on, hostKey }: BuildSettings,
  names: readonly string[],
): ConfigError[] {
  if (on.startsWith("ssh:")) {
    if (parseBuildAddress(on) === undefined)
      return [{ path: `${path}.on`, reason: "must have the form ssh://user@address:port" }];
    if (hostKey !== undefined) return [];
    const reason = `is needed for a machine that is not a host of the fleet: its SSH host key (${scanHint(on)})`;
    return [{ path: `${path}.hostKey`, reason }];
  }
  const errors: ConfigError[] = [];
  if (!isWord(on) && !names.includes(on))
    errors.push({
      path: `${path}.on`,
      reason: `"${on}" is not a host of the fleet${suggestion(on, [...buildWords, ...names])}; any other machine: ssh://user@address`,
    });
  if (hostKey !== undefined)
    errors.push({
      path: `${path}.hostKey`,
      reason: "is only for ssh://…: the key of every other machine is known",
    });
  return errors;
}

function scanHint(url: string): string {
  const found = parseBuildAddress(url);
  return found === undefined ? "" : `ssh-keyscan -t ed25519 -p ${found.port} ${found.address}`;
}

/** Whether `on` is a keyword and no machine. */
export function isWord(on: string): on is BuildWord {
  return buildWords.some((word) => word === on);
}

/** The host of the fleet that builds another one; undefined: none does. A host that names itself builds on itself. */
export function builderOf(
  name: string,
  hosts: BuildOfHosts,
  common: BuildSettings | undefined,
): string | undefined {
  const on = (hosts[name]?.build ?? common)?.on;
  if (on === undefined || on === name || isWord(on) || on.startsWith("ssh:")) return undefined;
  return on;
}

/** A host cannot be installed before the one that builds it, so no host may wait for itself. */
function circleErrors(hosts: BuildOfHosts, common: BuildSettings | undefined): ConfigError[] {
  return Object.keys(hosts).flatMap((name): ConfigError[] => {
    const way = [name];
    for (
      let next = builderOf(name, hosts, common);
      next !== undefined;
      next = builderOf(next, hosts, common)
    ) {
      way.push(next);
      if (next === name)
        return [{ path: `fleet:hosts.${name}.build.on`, reason: `circular dependency: ${way.join(" → ")}` }];
      // A circle that this host only leads to is an error of those in it.
      if (way.indexOf(next) < way.length - 1) return [];
    }
    return [];
  });
}

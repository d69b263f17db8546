import type { SshTarget } from "./target.ts";

/** Files of a session's private folder. */
export interface SessionFiles {
  readonly identity: string;
  readonly knownHosts: string;
  readonly controlSocket: string;
}

/** Seconds a single TCP and key exchange may take; the caller's deadline covers all attempts together. */
export const connectTimeoutSeconds = 10;

/**
 * The name SSH sees instead of the address. Neither the form of an address (IPv6, port) nor a change of it then matters for
 * `known_hosts` or for URLs such as Nix's `ssh://`, and no host name can mean "localhost" to Nix.
 */
export function hostAlias(host: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host))
    throw new Error(`"${host}" is no host name: letters, digits, ".", "_" and "-" only`);
  return `fleet-${host}`;
}

/** Lines of the session's `known_hosts` (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): nothing but the pinned keys. */
export function knownHosts(target: SshTarget): string {
  return target.hostKeys
    .map((key) => `${hostAlias(target.host)} ${key.split(" ").slice(0, 2).join(" ")}\n`)
    .join("");
}

/**
 * Options of a connection of its own: pinned host key, our key and nothing else of the user's (no config, no agent, no other
 * keys). ssh_config(5): the first value of an option wins, so whatever follows these cannot weaken them.
 */
export function freshOptions(target: SshTarget, files: SessionFiles): string[] {
  const settings: Record<string, string> = {
    // Percent signs introduce tokens in HostName, and appear in scoped IPv6 addresses.
    HostName: target.connection.address.replaceAll("%", "%%"),
    Port: String(target.connection.port),
    HostKeyAlias: hostAlias(target.host),
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: files.knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    KnownHostsCommand: "none",
    VerifyHostKeyDNS: "no",
    CheckHostIP: "no",
    UpdateHostKeys: "no",
    IdentityFile: files.identity,
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    PreferredAuthentications: "publickey",
    BatchMode: "yes",
    ForwardAgent: "no",
    ClearAllForwardings: "yes",
    ConnectTimeout: String(connectTimeoutSeconds),
    ServerAliveInterval: "10",
    ServerAliveCountMax: "3",
    ControlMaster: "no",
    ControlPath: "none",
  };
  return toArguments(settings);
}

/** The same over the session's shared connection where that is up, and over a new one where it is not. */
export function sharedOptions(target: SshTarget, files: SessionFiles): string[] {
  return [...toArguments({ ControlPath: files.controlSocket }), ...freshOptions(target, files)];
}

function toArguments(settings: Readonly<Record<string, string>>): string[] {
  return ["-F", "none", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

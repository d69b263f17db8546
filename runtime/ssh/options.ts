import { hostAlias } from "./host-alias.ts";
import { hopKnownHosts, type JumpFiles, jumpSetting } from "./jump-hops.ts";
import type { SshTarget } from "./target.ts";

/** Files of a session's private folder. */
export interface SessionFiles {
  readonly identity: string;
  readonly knownHosts: string;
  readonly controlSocket: string;
  /** Absent for a target that is reached directly. */
  readonly jump?: JumpFiles;
}

/** Seconds a single TCP and key exchange may take; the caller's deadline covers all attempts together. */
export const connectTimeoutSeconds = 10;

/** Lines of the session's `known_hosts` (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): nothing but the pinned keys. */
export function knownHosts(target: SshTarget): string {
  const own = target.hostKeys.map(
    (key) => `${hostAlias(target.host)} ${key.split(" ").slice(0, 2).join(" ")}\n`,
  );
  return own.join("") + hopKnownHosts(target);
}

/**
 * What every connection of ours insists on, to a target and to a machine in between: pinned host key, our key and nothing else of
 * the user's (no agent, no other keys).
 */
export function settingsForConnection(
  place: { readonly address: string; readonly port: number },
  alias: string,
  files: Pick<SessionFiles, "identity" | "knownHosts">,
): Record<string, string> {
  return {
    // Percent signs introduce tokens in HostName, and appear in scoped IPv6 addresses.
    HostName: place.address.replaceAll("%", "%%"),
    Port: String(place.port),
    HostKeyAlias: alias,
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
}

/**
 * Options of a connection of its own. ssh_config(5): the first value of an option wins, so whatever follows these cannot weaken
 * them.
 */
export function newConnectionOptions(target: SshTarget, files: SessionFiles): string[] {
  return connectionOptions(target, files, files.jump?.quiet);
}

/** The same, reporting which keys the jump hosts show. */
export function verboseOptions(target: SshTarget, files: SessionFiles): string[] {
  return ["-o", "LogLevel=DEBUG1", ...connectionOptions(target, files, files.jump?.verbose)];
}

/**
 * Options to see a machine's ssh-ed25519 key, which is not pinned yet, through the machines in between, which are pinned. No login
 * is tried, and the key goes to the file `shown` in the form of `known_hosts`.
 */
export function scanOptions(target: SshTarget, files: SessionFiles, shown: string): string[] {
  const settings = {
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: shown,
    HashKnownHosts: "no",
    HostKeyAlgorithms: "ssh-ed25519",
    PreferredAuthentications: "none",
  };
  return [...toArguments(settings), ...verboseOptions(target, files)];
}

/** The same over the session's shared connection where that is up, and over a new one where it is not. */
export function sharedOptions(target: SshTarget, files: SessionFiles): string[] {
  return [...toArguments({ ControlPath: files.controlSocket }), ...newConnectionOptions(target, files)];
}

/** The file names the machines in between and nothing else: ssh hands it on to the process it starts for each of them. */
function connectionOptions(target: SshTarget, files: SessionFiles, jumpFile: string | undefined): string[] {
  const settings = settingsForConnection(target.connection, hostAlias(target.host), files);
  return ["-F", jumpFile ?? "none", ...toArguments({ ...settings, ...jumpSetting(target) })];
}

function toArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

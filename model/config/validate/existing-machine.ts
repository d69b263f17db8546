import type { ConfigError } from "../../errors/config-error.ts";
import { type JumpSettings, jumpListOf } from "../hosts/jump-list.ts";
import type { HostConfig } from "../schema.ts";

/** Errors between the settings of a machine that is there already. `stackPort`: SSH port where the host names none. */
export function existingErrors(path: string, host: HostConfig, stackPort: number): ConfigError[] {
  const errors: ConfigError[] = [];
  if (host.address === undefined)
    errors.push({ path: `${path}.address`, reason: "is needed: the machine's IP address or DNS name" });
  errors.push(...validateHostKey(path, host, stackPort));
  if (host.bootstrap === "none") errors.push(...takeOverErrors(path, host));
  if (host.bootstrap === "rescue")
    errors.push({
      path: `${path}.bootstrap`,
      reason:
        'cannot be "rescue" for an existing machine: only Hetzner Cloud\'s rescue system is within reach',
    });
  return errors;
}

/** A machine that others made is known by the key it shows, or by nothing. */
export function validateHostKey(path: string, host: HostConfig, stackPort: number): ConfigError[] {
  const trusting = host.trustOnFirstUse === true;
  if (host.hostKey === undefined && !trusting) {
    const port = host.ssh?.port ?? stackPort;
    const scan = `ssh-keyscan -t ed25519 -p ${port} ${host.address ?? "<address>"}`;
    const reason = [
      `is needed, to know the machine from an attacker's: take the key from ${scan},`,
      "compare its fingerprint (… | ssh-keygen -lf -) with what the machine's own console shows",
      "(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and put it here without the address;",
      "or set trustOnFirstUse: true to trust whatever answers first",
    ].join(" ");
    return [{ path: `${path}.hostKey`, reason }];
  }
  if (host.hostKey !== undefined && trusting)
    return [
      {
        path: `${path}.trustOnFirstUse`,
        reason: "cannot be combined with `hostKey`: the pinned key is enough",
      },
    ];
  return [];
}

/** A machine that is taken over as it is keeps its disks and its host key. */
export function takeOverErrors(path: string, host: HostConfig): ConfigError[] {
  const errors: ConfigError[] = [];
  for (const setting of ["reinstall", "wipe"] as const)
    if (host[setting] !== undefined)
      errors.push({
        path: `${path}.${setting}`,
        reason: 'cannot be combined with `bootstrap: "none"`, which never writes to disks',
      });
  if (host.hostKey !== undefined && !host.hostKey.startsWith("ssh-ed25519 "))
    errors.push({
      path: `${path}.hostKey`,
      reason:
        'must be an ssh-ed25519 key with `bootstrap: "none"`: the host keeps it, and its age recipient is derived from it',
    });
  return errors;
}

/** Two hosts on one machine would install over each other. */
export function sameMachineErrors(hosts: Hosts, ssh: SshOfStack): ConfigError[] {
  const owners = new Map<string, string>();
  return Object.entries(hosts).flatMap(([name, host]) => {
    const marks = [
      { setting: "address", mark: endpointOf(name, hosts, ssh) },
      { setting: "hostKey", mark: host.hostKey?.split(" ")[1] },
    ];
    return marks.flatMap(({ setting, mark }): ConfigError[] => {
      if (mark === undefined) return [];
      const owner = owners.get(mark);
      if (owner === undefined) owners.set(mark, name);
      if (owner === undefined || owner === name) return [];
      return [{ path: `fleet:hosts.${name}.${setting}`, reason: `is already used by host "${owner}"` }];
    });
  });
}

type Hosts = Readonly<Record<string, HostConfig>>;
type SshOfStack = JumpSettings["ssh"] & { readonly port: number };

/** Private networks use the same addresses everywhere: only the jump path distinguishes them. */
function endpointOf(name: string, hosts: Hosts, ssh: SshOfStack): string | undefined {
  const host = hosts[name];
  if (host?.address === undefined) return undefined;
  const way = JSON.stringify(jumpListOf(name, { hosts, ssh }));
  return `${host.address.toLowerCase()} port ${host.ssh?.port ?? ssh.port} through ${way}`;
}

import type { ConfigError } from "../../errors/config-error.ts";
import { settingsOfProvider } from "../providers.ts";
import type { HostConfig } from "../schema.ts";
import { takeOverErrors, validateHostKey } from "./existing-machine.ts";

/** Settings of a machine that others made, which an imported server takes as well. */
export const importedServerSettings = ["hostKey", "trustOnFirstUse"] as const;

/** Errors between the settings of a server at Hetzner that is taken over. `stackPort`: SSH port where the host names none. */
export function importServerErrors(path: string, host: HostConfig, stackPort: number): ConfigError[] {
  const errors = settingsOfProvider.hetzner
    .filter((setting) => host[setting] !== undefined)
    .map((setting) => ({
      path: `${path}.${setting}`,
      reason: "cannot be combined with `importServer`: an imported server stays as it is at Hetzner",
    }));
  // The rescue system is entered through the cloud, past whatever runs there.
  const needsKey = host.bootstrap !== "rescue" || host.hostKey !== undefined;
  if (needsKey) errors.push(...validateHostKey(path, host, stackPort));
  if (host.bootstrap === "none") errors.push(...takeOverErrors(path, host));
  return errors;
}

/** Two hosts on one server would install over each other. */
export function sameServerErrors(hosts: Readonly<Record<string, HostConfig>>): ConfigError[] {
  const owners = new Map<string, string>();
  return Object.entries(hosts).flatMap(([name, { importServer }]): ConfigError[] => {
    if (importServer === undefined) return [];
    const owner = owners.get(importServer);
    if (owner !== undefined)
      return [{ path: `fleet:hosts.${name}.importServer`, reason: `is already used by host "${owner}"` }];
    owners.set(importServer, name);
    return [];
  });
}

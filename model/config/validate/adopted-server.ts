import type { Fault } from "../../errors/config-error.ts";
import { settingsOfProvider } from "../providers.ts";
import type { HostConfig } from "../schema.ts";
import { adoptionFaults, keyFaults } from "./existing-machine.ts";

/** Settings of a machine that others made, which an adopted server takes as well. */
export const adoptedSettings = ["hostKey", "trustOnFirstUse"] as const;

/** Faults between the settings of a server at Hetzner that is taken over. `stackPort`: SSH port where the host names none. */
export function adoptFaults(path: string, host: HostConfig, stackPort: number): Fault[] {
  const faults = settingsOfProvider.hetzner
    .filter((setting) => host[setting] !== undefined)
    .map((setting) => ({
      path: `${path}.${setting}`,
      reason: "cannot stand beside adopt: an adopted server stays as it is at Hetzner",
    }));
  // The rescue system is entered through the cloud, past whatever runs there.
  const needsKey = host.bootstrap !== "rescue" || host.hostKey !== undefined;
  if (needsKey) faults.push(...keyFaults(path, host, stackPort));
  if (host.bootstrap === "none") faults.push(...adoptionFaults(path, host));
  return faults;
}

/** Two hosts on one server would install over each other. */
export function sameServerFaults(hosts: Readonly<Record<string, HostConfig>>): Fault[] {
  const owners = new Map<string, string>();
  return Object.entries(hosts).flatMap(([name, { adopt }]): Fault[] => {
    if (adopt === undefined) return [];
    const owner = owners.get(adopt);
    if (owner !== undefined)
      return [{ path: `fleet:hosts.${name}.adopt`, reason: `is that of host "${owner}" too` }];
    owners.set(adopt, name);
    return [];
  });
}

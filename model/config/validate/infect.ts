import type { ConfigError } from "../../errors/config-error.ts";
import type { HostConfig } from "../schema.ts";

const why = {
  diskKeys: "formats no disks",
  reinstall: "works on the system that came with the machine: rebuild the machine from its image",
  system: "compares the configuration's file systems with the machine's: give a flake",
} as const;

/** Settings that mean nothing where NixOS takes the place of a running system. */
export function validateInfect(path: string, host: HostConfig): ConfigError[] {
  if (host.bootstrap !== "infect") return [];
  return (["diskKeys", "reinstall", "system"] as const)
    .filter((setting) => host[setting] !== undefined)
    .map((setting) => ({
      path: `${path}.${setting}`,
      reason: `cannot be combined with \`bootstrap: "infect"\`, which ${why[setting]}`,
    }));
}

import { allowedLocations, preferredOf } from "../config/hosts/allowed-locations.ts";
import type { FleetConfiguration, HostConfig } from "../config/schema.ts";
import { type CloudParts, cloudPartsOf, noCloudParts } from "./cloud-common.ts";
import { type HostPorts, portsOf } from "./ports.ts";

/** What a server at Hetzner Cloud is created from, or an imported one is known by. */
export interface HetznerMachine extends CloudParts {
  /** Id of a server that was there before us; null: the server is ours. */
  readonly importServer: string | null;
  /** Host key an imported server shows at first; null: whatever it shows then is trusted, unless rescue is used. */
  readonly machineKey: string | null;
  readonly trustOnFirstUse: boolean;
  readonly location: string;
  /** Where it may be, in order of preference; `location` is one of them. */
  readonly allowedLocations: readonly string[];
  /** Its location is for good: what is bound to it is protected. */
  readonly locationFixed: boolean;
  readonly serverType: string;
  readonly image: string;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly backups: boolean;
  readonly deleteProtection: boolean;
  readonly ports: HostPorts;
}

const builtIn = { serverType: "cx23", image: "ubuntu-24.04" } as const;

/** Applies the defaults. */
export function expandHetzner(
  name: string,
  host: HostConfig,
  { defaults }: FleetConfiguration,
): HetznerMachine {
  const places = allowedLocations(host, defaults);
  return {
    // An imported server stays as it is at Hetzner, whatever the stack's defaults are.
    ...(host.importServer === undefined ? cloudPartsOf(name, host, { defaults }) : noCloudParts),
    importServer: host.importServer ?? null,
    machineKey: keyOf(host.hostKey),
    trustOnFirstUse: host.trustOnFirstUse ?? false,
    location: preferredOf(places),
    allowedLocations: places,
    locationFixed: places.length === 1,
    serverType: host.serverType ?? defaults.serverType ?? builtIn.serverType,
    image: host.image ?? defaults.image ?? builtIn.image,
    ipv4: host.ipv4 ?? defaults.ipv4 ?? true,
    ipv6: host.ipv6 ?? defaults.ipv6 ?? true,
    labels: { ...defaults.labels, ...host.labels },
    backups: host.backups ?? defaults.backups ?? false,
    deleteProtection: host.deleteProtection ?? defaults.deleteProtection ?? false,
    ports: portsOf(host.firewall ?? defaults.firewall),
  };
}

/** A public key without its comment, which says nothing of the key; null for none. */
export function keyOf(line: string | undefined): string | null {
  return line === undefined ? null : line.split(" ").slice(0, 2).join(" ");
}

import { allowedZones, preferredOf } from "../config/hosts/allowed-locations.ts";
import type { FleetConfiguration, HostConfig } from "../config/schema.ts";
import { type CloudParts, cloudPartsOf } from "./cloud-common.ts";
import { type HostPorts, portsOf } from "./ports.ts";

/** What an instance at Scaleway is created from. */
export interface ScalewayInstance extends CloudParts {
  readonly zone: string;
  /** Where it may be, in order of preference; `zone` is one of them. */
  readonly allowedZones: readonly string[];
  /** Its zone is for good: what is bound to it is protected. */
  readonly locationFixed: boolean;
  /** Commercial type, such as `DEV1-M`. */
  readonly instanceType: string;
  /** Stock image by our name, such as `debian-12`. */
  readonly image: string;
  /** GB. */
  readonly rootVolume: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly deleteProtection: boolean;
  readonly ports: HostPorts;
}

const builtIn = { instanceType: "DEV1-M", image: "ubuntu-24.04", rootVolume: 20 } as const;

/** Applies the defaults. */
export function expandScaleway(
  name: string,
  host: HostConfig,
  { defaults }: FleetConfiguration,
): ScalewayInstance {
  const places = allowedZones(host, defaults);
  return {
    ...cloudPartsOf(name, host, { defaults }),
    zone: preferredOf(places),
    allowedZones: places,
    locationFixed: places.length === 1,
    instanceType: host.instanceType ?? defaults.instanceType ?? builtIn.instanceType,
    image: host.image ?? defaults.image ?? builtIn.image,
    rootVolume: host.rootVolume ?? defaults.rootVolume ?? builtIn.rootVolume,
    ipv4: host.ipv4 ?? defaults.ipv4 ?? true,
    ipv6: host.ipv6 ?? defaults.ipv6 ?? true,
    deleteProtection: host.deleteProtection ?? defaults.deleteProtection ?? false,
    ports: portsOf(host.firewall ?? defaults.firewall),
  };
}

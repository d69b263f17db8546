import type { FleetConfiguration, HostConfig } from "../config/schema.ts";
import { type Ports, portsOf } from "./ports.ts";

/** What an instance at Scaleway is made of. */
export interface ScalewayInstance {
  readonly zone: string;
  /** Commercial type, such as `DEV1-M`. */
  readonly instanceType: string;
  /** Stock image by our name, such as `debian-12`. */
  readonly image: string;
  /** GB. */
  readonly rootVolume: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly deleteProtection: boolean;
  readonly ports: Ports;
}

const builtIn = {
  zone: "fr-par-1",
  instanceType: "DEV1-M",
  image: "ubuntu-24.04",
  rootVolume: 20,
} as const;

/** Applies the defaults. */
export function expandScaleway(host: HostConfig, { defaults }: FleetConfiguration): ScalewayInstance {
  return {
    zone: host.zone ?? defaults.zone ?? builtIn.zone,
    instanceType: host.instanceType ?? defaults.instanceType ?? builtIn.instanceType,
    image: host.image ?? defaults.image ?? builtIn.image,
    rootVolume: host.rootVolume ?? defaults.rootVolume ?? builtIn.rootVolume,
    ipv4: host.ipv4 ?? defaults.ipv4 ?? true,
    ipv6: host.ipv6 ?? defaults.ipv6 ?? true,
    deleteProtection: host.deleteProtection ?? defaults.deleteProtection ?? false,
    ports: portsOf(host.firewall ?? defaults.firewall),
  };
}

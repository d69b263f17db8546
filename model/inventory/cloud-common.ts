import type { FleetConfiguration, HostConfig } from "../config/schema.ts";

/** What belongs to a server in a cloud, and is created with it. */
export interface CloudParts {
  /** Fixed private address, by network. */
  readonly networks: Readonly<Record<string, string>>;
  readonly placementGroup: string | null;
  /** Volumes that outlive the server, by name; sizes in GB. */
  readonly volumes: Readonly<Record<string, { readonly size: number }>>;
  /** Names that the host's addresses lead back to; null: the provider's. */
  readonly ptrRecords: { readonly ipv4: string | null; readonly ipv6: string | null };
}

/** What a host has that no cloud knows: nothing. */
export const noCloudParts: CloudParts = {
  networks: {},
  placementGroup: null,
  volumes: {},
  ptrRecords: { ipv4: null, ipv6: null },
};

/** Applies the defaults. */
export function cloudPartsOf(
  name: string,
  host: HostConfig,
  { defaults }: Pick<FleetConfiguration, "defaults">,
): CloudParts {
  return {
    networks: Object.fromEntries(
      Object.entries(host.networks ?? {}).flatMap(([network, [address]]) =>
        address === undefined ? [] : [[network, address] as const],
      ),
    ),
    placementGroup: host.placementGroup ?? defaults.placementGroup ?? null,
    volumes: host.volumes ?? defaults.volumes ?? {},
    ptrRecords: ptrRecordsOf(name, host, defaults),
  };
}

function ptrRecordsOf(
  name: string,
  { reverseDns, ipv4, ipv6 }: HostConfig,
  defaults: FleetConfiguration["defaults"],
): CloudParts["ptrRecords"] {
  const given = typeof reverseDns === "string" ? { ipv4: reverseDns, ipv6: reverseDns } : reverseDns;
  const has = { ipv4: ipv4 ?? defaults.ipv4 ?? true, ipv6: ipv6 ?? defaults.ipv6 ?? true };
  const named = (family: "ipv4" | "ipv6") =>
    (has[family] ? given?.[family]?.replaceAll("{host}", name) : undefined) ?? null;
  return { ipv4: named("ipv4"), ipv6: named("ipv6") };
}

import type * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts } from "../../../model/naming/resource-names.ts";

/** Public addresses of an instance, and the names they lead back to; null: the provider's. */
export interface ScalewayReverseDns {
  readonly names: HostNames;
  readonly zone: string;
  readonly ptrRecords: { readonly ipv4: string | null; readonly ipv6: string | null };
  readonly ips: {
    readonly ipv4: scaleway.instance.Ip | undefined;
    readonly ipv6: scaleway.instance.Ip | undefined;
  };
  /** The address that the instance has of its IPv6 network. */
  readonly ipv6: pulumi.Output<string | null>;
  readonly parent: pulumi.Resource;
}

/** How long the provider asks again while the name does not lead to the address. */
const longest = "3m";

/**
 * The provider keeps the id of the address it has named, and would name another address under that id; and taking a name off an address
 * takes off the one that was set meanwhile.
 */
function replacedWith(ip: "ipId" | "ipamIpId"): pulumi.CustomResourceOptions {
  return { replaceOnChanges: [ip], deleteBeforeReplace: true };
}

/** Names that an instance's addresses lead back to. Scaleway takes a name for IPv4 only once the DNS leads it to the address. */
export function setReverseDns({ names, zone, ptrRecords, ips, ipv6, parent }: ScalewayReverseDns): void {
  const [ipv4Names, ipv6Names] = [names.of(parts.ipv4Rdns), names.of(parts.ipv6Rdns)];
  if (ptrRecords.ipv4 !== null && ips.ipv4 !== undefined)
    new scaleway.instance.IpReverseDns(
      ipv4Names.name,
      { ipId: ips.ipv4.id, reverse: ptrRecords.ipv4, zone },
      {
        parent,
        ...replacedWith("ipId"),
        customTimeouts: { create: longest, update: longest },
        aliases: ipv4Names.aliases,
      },
    );
  if (ptrRecords.ipv6 !== null && ips.ipv6 !== undefined)
    new scaleway.ipam.IpReverseDns(
      ipv6Names.name,
      {
        // Instances and IPAM know a flexible address by the same id.
        ipamIpId: ips.ipv6.id.apply((id) => `${regionOf(zone)}/${id.slice(id.indexOf("/") + 1)}`),
        hostname: ptrRecords.ipv6,
        address: ipv6.apply((address) => address ?? noIpv6(names.host)),
        region: regionOf(zone),
      },
      { parent, ...replacedWith("ipamIpId"), aliases: ipv6Names.aliases },
    );
}

/** `fr-par-1` → `fr-par` */
function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf("-"));
}

function noIpv6(host: string): never {
  throw new Error(`host "${host}" has no IPv6; the configuration should have been refused`);
}

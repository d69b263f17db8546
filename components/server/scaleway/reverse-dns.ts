import type * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { parts, resourceName } from "../../../model/naming/resource-names.ts";
import { hostAliases } from "../../shared/aliases.ts";

/** Public addresses of an instance, and the names they lead back to; null: the provider's. */
export interface ScalewayPointers {
  readonly host: string;
  readonly aliases: readonly string[];
  readonly zone: string;
  readonly names: { readonly ipv4: string | null; readonly ipv6: string | null };
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
export function setReverseDns({ host, aliases, zone, names, ips, ipv6, parent }: ScalewayPointers): void {
  if (names.ipv4 !== null && ips.ipv4 !== undefined)
    new scaleway.instance.IpReverseDns(
      resourceName(host, parts.ipv4Name),
      { ipId: ips.ipv4.id, reverse: names.ipv4, zone },
      {
        parent,
        ...replacedWith("ipId"),
        customTimeouts: { create: longest, update: longest },
        aliases: hostAliases(aliases, parts.ipv4Name),
      },
    );
  if (names.ipv6 !== null && ips.ipv6 !== undefined)
    new scaleway.ipam.IpReverseDns(
      resourceName(host, parts.ipv6Name),
      {
        // Instances and IPAM know a flexible address by the same id.
        ipamIpId: ips.ipv6.id.apply((id) => `${regionOf(zone)}/${id.slice(id.indexOf("/") + 1)}`),
        hostname: names.ipv6,
        address: ipv6.apply((address) => address ?? noIpv6(host)),
        region: regionOf(zone),
      },
      { parent, ...replacedWith("ipamIpId"), aliases: hostAliases(aliases, parts.ipv6Name) },
    );
}

/** `fr-par-1` → `fr-par` */
function regionOf(zone: string): string {
  return zone.slice(0, zone.lastIndexOf("-"));
}

function noIpv6(host: string): never {
  throw new Error(`host "${host}" has no IPv6; the configuration should have been refused`);
}

/** Reverse DNS of public addresses. */
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { canonicalIpv6, inIpv6Network } from "../ip.ts";
import type { PrimaryIpRecord } from "../state.ts";

/** Null puts the provider's default name back. */
export const dnsPtrSchema = z.strictObject({
  ip: z.string().refine((text) => isIPv4(text) || isIPv6(text), "must be an IP address"),
  dns_ptr: z.hostname().nullable(),
});
export type DnsPtrChange = z.output<typeof dnsPtrSchema>;

/** Names an address has from the start: IPv4 has one, the addresses of an IPv6 network have none. */
export function defaultDnsPtr(
  type: PrimaryIpRecord["type"],
  ip: string,
): readonly (readonly [string, string])[] {
  return type === "ipv4"
    ? [[ip, `static.${ip.split(".").toReversed().join(".")}.clients.your-server.de`]]
    : [];
}

export function dnsPtrView(address: PrimaryIpRecord): { ip: string; dns_ptr: string }[] {
  return [...address.dnsPtr].map(([ip, name]) => ({ ip, dns_ptr: name }));
}

export function ownsIp(address: PrimaryIpRecord, ip: string): boolean {
  return address.type === "ipv4" ? address.ip === ip : inIpv6Network(address.ip, ip);
}

/** Throws 404 if `change.ip` does not belong to the address. */
export function changeDnsPtr(address: PrimaryIpRecord, change: DnsPtrChange): void {
  if (!ownsIp(address, change.ip)) {
    throw new ApiError(404, "not_found", `IP ${change.ip} does not belong to primary IP ${address.id}`);
  }
  const ip = address.type === "ipv4" ? change.ip : canonicalIpv6(change.ip);
  address.dnsPtr.delete(ip);
  if (change.dns_ptr !== null) {
    address.dnsPtr.set(ip, change.dns_ptr);
    return;
  }
  for (const [each, name] of defaultDnsPtr(address.type, ip)) {
    address.dnsPtr.set(each, name);
  }
}

import ipaddr from "ipaddr.js";
import { z } from "zod";

/** An IPv4 network with no host bits set. */
export interface Ipv4Network {
  /** Its first address. */
  readonly base: string;
  /** Its last one, which is not of a host either. */
  readonly broadcast: string;
  /** Length of its prefix. */
  readonly bits: number;
}

const cidr = z.cidrv4();
const { IPv4 } = ipaddr;

/** Private networks of RFC 1918. */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(networkOf);

/** Parses `10.0.0.0/16`; undefined unless it is a network with no host bits set. */
export function parseIpv4Network(text: string): Ipv4Network | undefined {
  // The library also takes octal and hexadecimal numbers.
  if (!cidr.safeParse(text).success) return undefined;
  const [address, bits] = IPv4.parseCIDR(text);
  const base = address.toString();
  if (base !== IPv4.networkAddressFromCIDR(text).toString()) return undefined;
  return { base, broadcast: IPv4.broadcastAddressFromCIDR(text).toString(), bits };
}

/** As `parseIpv4Network`, for text that has been checked. */
export function networkOf(text: string): Ipv4Network {
  const network = parseIpv4Network(text);
  if (network === undefined) throw new Error(`"${text}" is not a valid IPv4 network`);
  return network;
}

/** Whether an address is in a network. */
export function contains({ base, bits }: Ipv4Network, address: string): boolean {
  return IPv4.parse(address).match(IPv4.parse(base), bits);
}

/** Whether `inner` is wholly in `outer`. */
export function containsNetwork(outer: Ipv4Network, inner: Ipv4Network): boolean {
  return contains(outer, inner.base) && contains(outer, inner.broadcast);
}

/** Whether two networks have an address in common. */
export function overlap(one: Ipv4Network, other: Ipv4Network): boolean {
  return contains(one, other.base) || contains(other, one.base);
}

/** The address after a network's own, by custom its gateway's. Of a network of at least two addresses. */
export function gatewayOf({ base }: Ipv4Network): string {
  const [last = 0, ...others] = IPv4.parse(base).toByteArray().reverse();
  return new IPv4([last + 1, ...others].reverse()).toString();
}

/** IP addresses and networks in the forms the API accepts and answers. */
import { isIPv4, isIPv6 } from "node:net";

/** An IPv4 network; `base` and addresses as unsigned 32-bit numbers. */
export interface Ipv4Network {
  readonly base: number;
  readonly bits: number;
}

export function ipv4ToNumber(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Parses `10.0.0.0/16`; null unless it is a network with no host bits set. */
export function parseIpv4Network(text: string): Ipv4Network | null {
  const [address = "", bitsText = "", ...rest] = text.split("/");
  const bits = Number(bitsText);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bitsText) || bits > 32 || rest.length > 0) {
    return null;
  }
  const base = ipv4ToNumber(address);
  return base % networkSize({ base, bits }) === 0 ? { base, bits } : null;
}

export function networkSize(network: Ipv4Network): number {
  return 2 ** (32 - network.bits);
}

export function containsNetwork(outer: Ipv4Network, inner: Ipv4Network): boolean {
  return inner.bits >= outer.bits && containsAddress(outer, inner.base);
}

export function containsAddress(network: Ipv4Network, address: number): boolean {
  return address >= network.base && address < network.base + networkSize(network);
}

export function overlap(left: Ipv4Network, right: Ipv4Network): boolean {
  return containsAddress(left, right.base) || containsAddress(right, left.base);
}

/** Whether `text` is an IPv4 or IPv6 network in CIDR notation, as firewall rules take them. */
export function isNetwork(text: string): boolean {
  const [address = "", bitsText = "", ...rest] = text.split("/");
  if (!/^\d{1,3}$/.test(bitsText) || rest.length > 0) {
    return false;
  }
  const bits = Number(bitsText);
  return (isIPv4(address) && bits <= 32) || (isIPv6(address) && bits <= 128);
}

/** RFC 5952 form of an IPv6 address; throws a TypeError if it is none. */
export function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** First usable address of a server's IPv6 network: `2001:db8:1:1::/64` gives `2001:db8:1:1::1`. */
export function firstIpv6(network: string): string {
  return `${network.slice(0, network.indexOf("/"))}1`;
}

/** Whether an address lies in a /64 written as `2001:db8:1:1::/64`. */
export function inIpv6Network(network: string, address: string): boolean {
  return isIPv6(address) && canonicalIpv6(address).startsWith(network.slice(0, network.indexOf("::") + 1));
}

/** Whether two texts are one address, in whatever form an IPv6 address is written. */
export function sameAddress(one: string, other: string): boolean {
  return one === other || (isIPv6(one) && isIPv6(other) && canonicalIpv6(one) === canonicalIpv6(other));
}

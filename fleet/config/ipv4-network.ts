import { z } from "zod";

/** An IPv4 network; `base` as unsigned 32-bit number. */
export interface Ipv4Network {
  readonly base: number;
  /** Length of its prefix. */
  readonly bits: number;
}

const cidr = z.cidrv4();

/** Private networks of RFC 1918. */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(networkOf);

/** Parses `10.0.0.0/16`; undefined unless it is a network with no host bits set. */
export function parseIpv4Network(text: string): Ipv4Network | undefined {
  if (!cidr.safeParse(text).success) return undefined;
  const [address = "", length] = text.split("/");
  const bits = Number(length);
  const base = ipv4Number(address);
  return base % sizeOf({ base, bits }) === 0 ? { base, bits } : undefined;
}

/** As `parseIpv4Network`, for text that has been checked. */
export function networkOf(text: string): Ipv4Network {
  const network = parseIpv4Network(text);
  if (network === undefined) throw new Error(`"${text}" is no IPv4 network`);
  return network;
}

/** Number of addresses in a network. */
export function sizeOf({ bits }: Ipv4Network): number {
  return 2 ** (32 - bits);
}

/** `10.0.0.1` as unsigned 32-bit number. */
export function ipv4Number(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** Whether an address, as a number, lies in a network. */
export function contains(network: Ipv4Network, address: number): boolean {
  return address >= network.base && address < network.base + sizeOf(network);
}

/** Whether `inner` lies in `outer` as a whole. */
export function containsNetwork(outer: Ipv4Network, inner: Ipv4Network): boolean {
  return inner.bits >= outer.bits && contains(outer, inner.base);
}

/** Whether two networks have an address in common. */
export function overlap(one: Ipv4Network, other: Ipv4Network): boolean {
  return contains(one, other.base) || contains(other, one.base);
}

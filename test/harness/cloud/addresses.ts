/** Public addresses an emulated cloud hands out, from the documentation ranges only (RFC 5737, RFC 3849). */
import { isIPv4 } from "node:net";
import { z } from "zod";

/** The test network of a world: 198.51.100.1 is its bridge. */
const ipv4Network = "198.51.100.";
const lowestHost = 2;
const highestHost = 254;

function hostNumber(address: string): number {
  return Number(address.slice(ipv4Network.length));
}

const ipv4Host = z
  .string()
  .refine(
    (address) =>
      isIPv4(address) &&
      address.startsWith(ipv4Network) &&
      hostNumber(address) >= lowestHost &&
      hostNumber(address) <= highestHost,
    `must lie in ${ipv4Network}${lowestHost}-${highestHost}`,
  );

/** The third group must be there: 2001:db8:0:0::/64 is the world's bridge. */
const ipv6Block = z
  .string()
  .regex(/^2001:db8:[1-9a-f][0-9a-f]{0,3}::\/48$/, "must be a /48 such as 2001:db8:1::/48");

const addressRangesSchema = z.strictObject({
  /** First and last IPv4 address, both included. */
  ipv4: z.strictObject({ first: ipv4Host, last: ipv4Host }),
  /** A /48, from which each server gets a /64. */
  ipv6: ipv6Block,
});

export type AddressRanges = z.output<typeof addressRangesSchema>;

/** Two clouds in one world take ranges that do not overlap. */
export const defaultAddressRanges: AddressRanges = {
  ipv4: { first: "198.51.100.20", last: "198.51.100.219" },
  ipv6: "2001:db8:1::/48",
};

/** No address of the wanted kind is left. */
export class AddressesExhausted extends Error {
  constructor(type: "ipv4" | "ipv6") {
    super(`the emulated cloud has no ${type} address left in its range`);
    this.name = "AddressesExhausted";
  }
}

/**
 * Hands out addresses round robin, so that a released one is not handed out again at once: whoever
 * still pins its old host key would otherwise go unnoticed only by luck.
 */
export class AddressPool {
  readonly #first: number;
  readonly #size: number;
  readonly #ipv6Prefix: string;
  readonly #used = new Set<string>();
  #nextIpv4 = 0;
  #nextIpv6 = 0;

  /** Throws a ZodError if a range lies outside the documentation networks, or is upside down. */
  constructor(ranges: AddressRanges) {
    const { ipv4, ipv6 } = addressRangesSchema
      .refine((value) => hostNumber(value.ipv4.first) <= hostNumber(value.ipv4.last), {
        path: ["ipv4"],
        message: "first address must not be behind the last",
      })
      .parse(ranges);
    this.#first = hostNumber(ipv4.first);
    this.#size = hostNumber(ipv4.last) - this.#first + 1;
    this.#ipv6Prefix = ipv6.slice(0, ipv6.indexOf("::"));
  }

  /** An IPv4 address, or an IPv6 network such as `2001:db8:1:1::/64`. Throws AddressesExhausted. */
  allocate(type: "ipv4" | "ipv6"): string {
    const size = type === "ipv4" ? this.#size : 0xffff;
    for (let tries = 0; tries < size; tries += 1) {
      const candidate = type === "ipv4" ? this.#candidateIpv4() : this.#candidateIpv6();
      if (!this.#used.has(candidate)) {
        this.#used.add(candidate);
        return candidate;
      }
    }
    throw new AddressesExhausted(type);
  }

  release(address: string): void {
    if (!this.#used.delete(address)) {
      throw new Error(`address ${address} was released but never handed out`);
    }
  }

  #candidateIpv4(): string {
    const candidate = `${ipv4Network}${this.#first + this.#nextIpv4}`;
    this.#nextIpv4 = (this.#nextIpv4 + 1) % this.#size;
    return candidate;
  }

  #candidateIpv6(): string {
    // Subnet 0 is left out: the /48 and its first /64 would otherwise share an address.
    const candidate = `${this.#ipv6Prefix}:${(this.#nextIpv6 + 1).toString(16)}::/64`;
    this.#nextIpv6 = (this.#nextIpv6 + 1) % 0xffff;
    return candidate;
  }
}

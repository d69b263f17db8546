import { describe, expect, it } from "vitest";
import {
  contains,
  containsNetwork,
  gatewayOf,
  networkOf,
  overlap,
  parseIpv4Network,
} from "../../../../model/network/ipv4-network.ts";
import { fc } from "../../property.ts";

/** An unsigned 32-bit number as four octets. */
const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const octets = fc.nat(2 ** 32 - 1);
const length = fc.integer({ min: 0, max: 32 });
const sizeOf = (bits: number) => 2 ** (32 - bits);
const networks = fc
  .tuple(octets, length)
  .map(([value, bits]) => ({ base: value - (value % sizeOf(bits)), bits }));
const textOf = ({ base, bits }: { base: number; bits: number }) => `${dotted(base)}/${bits}`;

describe("an IPv4 network", () => {
  it("is one with no host bits set", () => {
    fc.assert(
      fc.property(octets, length, (value, bits) => {
        const found = parseIpv4Network(textOf({ base: value, bits }));
        if (value % sizeOf(bits) === 0)
          expect(found).toMatchObject({
            base: dotted(value),
            bits,
            broadcast: dotted(value + sizeOf(bits) - 1),
          });
        else expect(found).toBeUndefined();
      }),
    );
    for (const text of ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/016", "10/8", "010.0.0.0/8"])
      expect(parseIpv4Network(text), text).toBeUndefined();
    for (const text of ["0x0a.0.0.0/8", "10.0.0.0/255.0.0.0", "2001:db8::/64", " 10.0.0.0/8"])
      expect(parseIpv4Network(text), text).toBeUndefined();
  });

  it("contains the addresses from its first to its last, and overlaps with whom it shares one", () => {
    fc.assert(
      fc.property(networks, networks, octets, (one, other, address) => {
        const [network, second] = [networkOf(textOf(one)), networkOf(textOf(other))];
        const isIn = (value: number) => value >= one.base && value < one.base + sizeOf(one.bits);
        expect(contains(network, dotted(address))).toBe(isIn(address));
        expect(containsNetwork(network, second)).toBe(isIn(other.base) && other.bits >= one.bits);
        const isWithin = one.base >= other.base && one.base < other.base + sizeOf(other.bits);
        expect(overlap(network, second)).toBe(isIn(other.base) || isWithin);
      }),
    );
  });

  it("has its gateway behind its own address", () => {
    fc.assert(
      fc.property(networks, (one) => {
        fc.pre(one.bits < 32);
        expect(gatewayOf(networkOf(textOf(one)))).toBe(dotted(one.base + 1));
      }),
    );
  });

  it("that is none cannot be taken for one", () => {
    expect(() => networkOf("10.0.0.1/16")).toThrow('"10.0.0.1/16" is not a valid IPv4 network');
  });
});

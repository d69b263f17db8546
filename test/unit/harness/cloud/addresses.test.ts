import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressesExhausted, AddressPool, defaultAddressRanges } from "../../../harness/cloud/addresses.ts";

const tiny = { ipv4: { first: "198.51.100.20", last: "198.51.100.22" }, ipv6: "2001:db8:a::/48" };

describe("AddressPool", () => {
  it("hands out its range in order, then says it is exhausted", () => {
    const pool = new AddressPool(tiny);
    expect([1, 2, 3].map(() => pool.allocate("ipv4"))).toEqual([
      "198.51.100.20",
      "198.51.100.21",
      "198.51.100.22",
    ]);
    expect(() => pool.allocate("ipv4")).toThrow(AddressesExhausted);
  });

  it("gives each server a /64 of its own and leaves subnet 0 alone", () => {
    const pool = new AddressPool(tiny);
    expect([pool.allocate("ipv6"), pool.allocate("ipv6")]).toEqual([
      "2001:db8:a:1::/64",
      "2001:db8:a:2::/64",
    ]);
  });

  it("does not hand out a released address before the others", () => {
    const pool = new AddressPool(tiny);
    const first = pool.allocate("ipv4");
    pool.release(first);
    expect(pool.allocate("ipv4")).toBe("198.51.100.21");
    expect(pool.allocate("ipv4")).toBe("198.51.100.22");
    expect(pool.allocate("ipv4")).toBe(first);
  });

  it("refuses to take back what it never gave", () => {
    expect(() => new AddressPool(tiny).release("198.51.100.20")).toThrow(/never handed out/);
  });

  it("never has an address out twice, whatever is taken and released", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (steps) => {
        const pool = new AddressPool(tiny);
        const out: string[] = [];
        for (const take of steps) {
          if (take && out.length < 3) {
            const address = pool.allocate("ipv4");
            expect(out).not.toContain(address);
            out.push(address);
          } else if (!take) {
            const [address] = out.splice(0, 1);
            if (address !== undefined) pool.release(address);
          }
        }
      }),
    );
  });

  it.each([
    ["the bridge's address", { first: "198.51.100.1", last: "198.51.100.9" }],
    ["the broadcast address", { first: "198.51.100.9", last: "198.51.100.255" }],
    ["another network", { first: "203.0.113.5", last: "203.0.113.9" }],
    ["a range upside down", { first: "198.51.100.9", last: "198.51.100.8" }],
    ["no address", { first: "198.51.100.x", last: "198.51.100.8" }],
  ])("refuses %s", (_, ipv4) => {
    expect(() => new AddressPool({ ...defaultAddressRanges, ipv4 })).toThrow();
  });

  it.each(["2001:db8::/48", "2001:db8:1::/64", "2a01:4f8:1::/48", "2001:db8:1::1/48"])(
    "refuses IPv6 block %s",
    (ipv6) => {
      expect(() => new AddressPool({ ...defaultAddressRanges, ipv6 })).toThrow();
    },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalIpv6,
  containsNetwork,
  firstIpv6,
  inIpv6Network,
  ipv4ToNumber,
  isNetwork,
  numberToIpv4,
  overlap,
  parseIpv4Network,
} from "../../../../harness/cloud/hetzner/ip.ts";

const network = (text: string) => parseIpv4Network(text) ?? { base: -1, bits: 0 };

describe("IPv4", () => {
  it("converts to numbers and back", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(numberToIpv4(ipv4ToNumber(address))).toBe(address);
      }),
    );
  });

  it.each(["10.0.0.0/16", "0.0.0.0/0", "192.168.1.1/32"])("parses %s", (text) => {
    expect(parseIpv4Network(text)).not.toBeNull();
  });

  it.each(["10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0/x", "::/0"])(
    "does not parse %s",
    (text) => {
      expect(parseIpv4Network(text)).toBeNull();
    },
  );

  it.each([
    ["10.0.0.0/8", "10.1.0.0/16", true, true],
    ["10.1.0.0/16", "10.0.0.0/8", false, true],
    ["10.0.0.0/16", "10.1.0.0/16", false, false],
    ["10.0.0.0/24", "10.0.0.0/24", true, true],
  ])("%s against %s: contains %s, overlaps %s", (outer, inner, contains, overlaps) => {
    expect(containsNetwork(network(outer), network(inner))).toBe(contains);
    expect(overlap(network(outer), network(inner))).toBe(overlaps);
  });
});

describe("IPv6", () => {
  it("is written as RFC 5952 wants it", () => {
    expect(canonicalIpv6("2001:0DB8:1:1:0:0:0:1")).toBe("2001:db8:1:1::1");
  });

  it("knows what belongs to a /64", () => {
    expect(firstIpv6("2001:db8:1:1::/64")).toBe("2001:db8:1:1::1");
    expect(inIpv6Network("2001:db8:1:1::/64", "2001:db8:1:1:0:0:0:5")).toBe(true);
    expect(inIpv6Network("2001:db8:1:1::/64", "2001:db8:1:11::5")).toBe(false);
    expect(inIpv6Network("2001:db8:1:1::/64", "198.51.100.1")).toBe(false);
  });
});

describe("isNetwork", () => {
  it.each([
    ["0.0.0.0/0", true],
    ["::/0", true],
    ["2001:db8::1/128", true],
    ["2001:db8::/129", false],
    ["10.0.0.0/33", false],
    ["10.0.0.0", false],
    ["example.org/8", false],
  ])("%s: %s", (text, valid) => {
    expect(isNetwork(text)).toBe(valid);
  });
});

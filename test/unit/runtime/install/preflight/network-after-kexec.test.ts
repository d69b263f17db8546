import { describe, expect, test } from "vitest";
import type { Network, NetworkInterface } from "../../../../../runtime/install/machine/network.ts";
import {
  isIpv6Only,
  predictNetworkAfterKexec,
} from "../../../../../runtime/install/preflight/network-after-kexec.ts";
import { card, loopback, network, own, own6 } from "../network-cases.ts";

const nothing = { errors: [], warnings: [] };
const of = (changes: Partial<Network>) => predictNetworkAfterKexec({ ...network, ...changes });
const through = (changes: Partial<NetworkInterface>, others: readonly NetworkInterface[] = []) => ({
  interfaces: [loopback, ...others, { ...card, ...changes }],
});
const port = { ...card, addresses: [] };

describe("carried over", () => {
  test.each<[string, Partial<Network>]>([
    ["an address by hand, or by DHCP", {}],
    [
      "IPv6 alone, with a link-local gateway",
      { contact: own6.address, defaults: [{ family: "inet6", device: "eth0" }] },
    ],
    ["one of several interfaces", through({ name: "eth1" }, [{ ...card, addresses: [] }])],
    ["no default route at all: the operator is a neighbour", { defaults: [] }],
    ["a route with several next hops of the other family", { defaults: [{ family: "inet6", device: null }] }],
    [
      "one good default route beside one with several next hops",
      {
        defaults: [
          { family: "inet", device: null },
          { family: "inet", device: "eth0" },
        ],
      },
    ],
    [
      "a VLAN that networkd tells of",
      { ...through({ name: "eth0.7", kind: "vlan" }, [port]), networkd: 257 },
    ],
    [
      "an address of its own making that networkd tells of",
      {
        ...through({ addresses: [{ ...own, ofThisSystem: true }] }),
        networkd: 258,
      },
    ],
    ["a contact that the machine cannot name", { contact: null, interfaces: [] }],
  ])("%s", (_name, changes) => {
    expect(of(changes)).toEqual(nothing);
  });
});

describe("lost", () => {
  test.each<[string, Partial<Network>, string]>([
    [
      "an address of the loopback interface",
      { interfaces: [{ ...loopback, addresses: [own] }, port] },
      "loopback",
    ],
    [
      "the same with networkd",
      { interfaces: [{ ...loopback, addresses: [own] }], networkd: 257 },
      "loopback",
    ],
    ["a VLAN", through({ name: "eth0.7", kind: "vlan" }, [port]), "reached through eth0.7 (vlan)"],
    ["a VLAN of an old networkd", { ...through({ kind: "vlan" }), networkd: 255 }, "(vlan)"],
    [
      "a tunnel",
      through({ name: "wg0", kind: "wireguard", hardwareAddress: null }),
      "wg0, which has no hardware",
    ],
    [
      "a bridge that is sorted after its port",
      through({ name: "vmbr0", kind: "bridge" }, [port]),
      "vmbr0 (bridge)",
    ],
    [
      "a bridge with an address of no port",
      through({ name: "br0", kind: "bridge", hardwareAddress: "96:00:00:00:00:02" }, [port]),
      "br0 (bridge)",
    ],
    [
      "a bridge of bridges",
      through({ name: "br0", kind: "bridge" }, [{ ...port, kind: "bridge" }]),
      "br0 (bridge)",
    ],
    [
      "an address of this system's own making",
      through({ addresses: [{ ...own, ofThisSystem: true }] }),
      "would make up another one",
    ],
    [
      "a default route with several next hops",
      { defaults: [{ family: "inet", device: null }] },
      "several next hops",
    ],
  ])("%s", (_name, changes, text) => {
    const { errors, warnings } = of(changes);
    expect(errors).toEqual([expect.stringContaining(text)]);
    expect(errors.join()).toContain("kexec: <path>");
    expect(warnings).toEqual([]);
  });
});

describe("doubtful", () => {
  test.each<[string, Network | null, string]>([
    ["no iproute2", null, "cannot report its network"],
    [
      "an address of nobody",
      { ...network, contact: "203.0.113.7" },
      "no interface has the address 203.0.113.7",
    ],
    [
      "a bridge whose address falls on its port",
      { ...network, ...through({ name: "br0", kind: "bridge" }, [port]) },
      "address of br0 (bridge) on one of its ports",
    ],
    ["a bond", { ...network, ...through({ name: "bond0", kind: "bond" }, [port]) }, "bond0 (bond)"],
  ])("%s", (_name, seen, text) => {
    expect(predictNetworkAfterKexec(seen)).toEqual({ errors: [], warnings: [expect.stringContaining(text)] });
  });
});

test.each<[string, Network | null, boolean]>([
  ["both", network, false],
  ["IPv6", { ...network, defaults: [{ family: "inet6", device: "eth0" }] }, true],
  ["IPv4", { ...network, defaults: [{ family: "inet", device: "eth0" }] }, false],
  ["nowhere", { ...network, defaults: [] }, false],
  ["unknown", null, false],
])("the world by %s", (_name, seen, only) => {
  expect(isIpv6Only(seen)).toBe(only);
});

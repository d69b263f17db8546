import { describe, expect, test } from "vitest";
import { readNetwork } from "../../../../../runtime/install/machine/network.ts";

const present = (value: unknown) => `present ${Buffer.from(JSON.stringify(value)).toString("base64")}`;
const interfaces = [
  {
    ifname: "lo",
    link_type: "loopback",
    address: "00:00:00:00:00:00",
    addr_info: [{ family: "inet", local: "127.0.0.1", prefixlen: 8 }],
  },
  {},
  {
    ifname: "eth0",
    link_type: "ether",
    address: "96:00:00:00:00:01",
    addr_info: [
      { family: "inet", local: "198.51.100.9", prefixlen: 32, dynamic: true, valid_life_time: 86_000 },
      { family: "inet6", local: "2001:db8::9", prefixlen: 64 },
      { family: "inet6", local: "2001:db8::a", prefixlen: 64, dynamic: true, "stable-privacy": true },
      { family: "inet6", local: "2001:db8::b", prefixlen: 64, dynamic: true, temporary: true },
      { family: "mctp", local: "8" },
      {},
    ].filter((info) => "family" in info),
  },
  { ifname: "eth0.7", link_type: "ether", address: "96:00:00:00:00:01", linkinfo: { info_kind: "vlan" } },
  { ifname: "veth1", link_type: "ether", address: "96:00:00:00:00:03", linkinfo: { info_kind: "veth" } },
  { ifname: "wg0", link_type: "none", linkinfo: { info_kind: "wireguard" } },
];
const report: Readonly<Record<string, string>> = {
  contact: "198.51.100.9",
  networkd: "none",
  addresses: present(interfaces),
  routes4: present([
    { dst: "default", gateway: "172.31.1.1", dev: "eth0", flags: ["onlink"] },
    { dst: "198.51.100.0/24", dev: "eth0" },
    { type: "unreachable", dst: "default", dev: "lo" },
  ]),
  routes6: present([{ dst: "default", nexthops: [{ dev: "eth0" }, { dev: "eth1" }] }]),
};
const read = (changes: Readonly<Record<string, string>> = {}) =>
  readNetwork((name) => ({ ...report, ...changes })[name] ?? "");

test("interfaces with their kind and addresses", () => {
  const found = read()?.interfaces;
  expect(
    found?.map(({ name, kind, loopback, hardwareAddress }) => [name, kind, loopback, hardwareAddress]),
  ).toEqual([
    ["lo", null, true, null],
    ["eth0", null, false, "96:00:00:00:00:01"],
    ["eth0.7", "vlan", false, "96:00:00:00:00:01"],
    ["veth1", null, false, "96:00:00:00:00:03"],
    ["wg0", "wireguard", false, null],
  ]);
  expect(found?.[1]?.addresses).toEqual([
    { address: "198.51.100.9", family: "inet", prefix: 32, dynamic: true, ofThisSystem: false },
    { address: "2001:db8::9", family: "inet6", prefix: 64, dynamic: false, ofThisSystem: false },
    { address: "2001:db8::a", family: "inet6", prefix: 64, dynamic: true, ofThisSystem: true },
    { address: "2001:db8::b", family: "inet6", prefix: 64, dynamic: true, ofThisSystem: true },
  ]);
});

test("default routes, without those that lead nowhere", () => {
  expect(read()?.defaults).toEqual([
    { family: "inet", device: "eth0" },
    { family: "inet6", device: null },
  ]);
});

describe("the connection", () => {
  test.each([
    ["198.51.100.9", "198.51.100.9"],
    ["::ffff:198.51.100.9", "198.51.100.9"],
    ["fe80::1%eth0", "fe80::1"],
    ["2001:db8::9", "2001:db8::9"],
    ["-", null],
  ])("%s", (line, contact) => {
    expect(read({ contact: line })?.contact).toBe(contact);
  });
});

test.each([
  ["none", null],
  ["257", 257],
  ["255.4-1ubuntu8", 255],
  ["258~rc1", 258],
])("networkd %s", (line, version) => {
  expect(read({ networkd: line })?.networkd).toBe(version);
});

test("a machine without iproute2 cannot tell", () => {
  for (const name of ["addresses", "routes4", "routes6"]) expect(read({ [name]: "absent" })).toBeNull();
});

test("what nobody knows is an error", () => {
  expect(() => read({ addresses: "unreadable" })).toThrow('unknown state "unreadable"');
  expect(() => read({ networkd: "new" })).toThrow();
  expect(() => read({ addresses: present({}) })).toThrow();
});

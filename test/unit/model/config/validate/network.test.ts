import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../../model/inventory/static-facts.ts";
import { toldIn } from "../errors-in.ts";

const internal = { range: "10.0.0.0/16", subnet: "10.0.1.0/24" };
const credentials = {
  "hcloud:token": "t",
  "scaleway:accessKey": "a",
  "scaleway:secretKey": "s",
  "scaleway:projectId": "p",
};

function read(hosts: object, networks: object = { internal }, defaults: object = {}) {
  const raw = {
    ...credentials,
    "fleet:hosts": JSON.stringify(hosts),
    "fleet:networks": JSON.stringify(networks),
    "fleet:defaults": JSON.stringify(defaults),
  };
  return buildInventory(parseConfiguration(raw));
}

function errorsOf(...args: Parameters<typeof read>): string[] {
  return toldIn(() => read(...args));
}

const at = (address: unknown, network = "internal") => ({ networks: { [network]: address } });

describe("fleet:networks", () => {
  it("has a default for all but the range", () => {
    expect(read({ web: {} }, { b: { range: "10.1.0.0/16" }, a: internal }).networks).toEqual([
      { name: "a", provider: "hetzner", ...internal, zone: "eu-central" },
      { name: "b", provider: "hetzner", range: "10.1.0.0/16", subnet: "10.1.0.0/16", zone: "eu-central" },
    ]);
    expect(read({ web: {} }, {}).networks).toEqual([]);
  });

  it.each([
    [{}, "range: is missing"],
    [{ range: "10.0.0.1/16" }, "range: must be an IPv4 network"],
    [{ range: "10.0.0.0" }, "range: must be an IPv4 network"],
    [{ range: "10.0.0.0/33" }, "range: must be an IPv4 network"],
    [{ range: "2001:db8::/64" }, "range: must be an IPv4 network"],
    [{ range: "198.51.100.0/24" }, "range: must be in a private range"],
    [{ range: "172.0.0.0/8" }, "range: must be in a private range"],
    [{ range: "10.0.0.0/25" }, "range: is too small: /24"],
    [{ range: "10.0.0.0/16", subnet: "10.1.0.0/24" }, "subnet: must be in the network's range"],
    [{ range: "10.0.0.0/16", subnet: "10.0.0.0/15" }, "subnet: must be in the network's range"],
    [{ range: "10.0.0.0/16", subnet: "10.0.0.0/31" }, "subnet: is too small: /30"],
    [{ ...internal, zone: "eu" }, "zone: "],
    [{ ...internal, region: "fr-par" }, 'region: is a setting of provider "scaleway"'],
    [{ ...internal, ranges: 1 }, 'ranges: is not a valid setting; did you mean "range"?'],
  ])("refuses %j", (settings, reason) => {
    expect(errorsOf({ web: {} }, { internal: settings })).toEqual([
      expect.stringContaining(`fleet:networks.internal.${reason}`),
    ]);
  });

  it("refuses a name that resources cannot have", () => {
    expect(errorsOf({ web: {} }, { Internal: internal })).toEqual([
      expect.stringMatching(/^fleet:networks\.Internal: must be 1 to 20 of a-z/),
    ]);
  });

  it("tells what is wrong with one at Scaleway, where there is a subnet and a region", () => {
    const of = (settings: object) =>
      errorsOf({ web: {} }, { vpc: { provider: "scaleway", ...settings } }).filter(
        (error) => !error.includes("yet"),
      );
    expect(of({ subnet: "172.16.8.0/22", region: "nl-ams" })).toEqual([]);
    expect(of({ range: "10.0.0.0/16", zone: "eu-central" })).toEqual([
      expect.stringMatching(/^fleet:networks\.vpc\.range: .*"hetzner"/),
      expect.stringMatching(/^fleet:networks\.vpc\.subnet: is missing/),
      expect.stringMatching(/^fleet:networks\.vpc\.zone: .*"hetzner"/),
    ]);
    expect(of({ subnet: "10.0.0.0/16" })).toEqual([expect.stringContaining("between /20 and /29")]);
  });

  it("has no address in common with another in the same region of Scaleway", () => {
    const vpc = (subnet: string, region?: string) => ({ provider: "scaleway", subnet, region });
    const one = vpc("172.16.8.0/22");
    expect(errorsOf({ web: {} }, { one, two: vpc("172.16.9.0/24", "fr-par"), internal })).toEqual([
      `fleet:networks.two.subnet: has addresses in common with network "one": both are in the project's VPC of fr-par`,
    ]);
    const apart = { one, two: vpc("172.16.9.0/24", "nl-ams"), three: vpc("172.16.12.0/22") };
    expect(errorsOf({ web: {} }, apart)).toEqual([]);
    // At Hetzner each network is by itself.
    expect(errorsOf({ web: {} }, { internal, other: internal })).toEqual([]);
  });
});

describe("the private address of a host", () => {
  it("is a fact of every host before anything exists", () => {
    const inventory = read({ db: at("10.0.1.3"), web: {} });
    const facts = staticFacts(inventory, { project: "p", stack: "s" });
    expect(facts.networks).toEqual({ internal });
    expect(facts.hosts["db"]?.privateAddresses).toEqual({ internal: "10.0.1.3" });
    expect(facts.hosts["web"]?.privateAddresses).toEqual({});
  });

  it.each([
    ["10.0.2.3", "must be of the network's subnet, 10.0.1.0/24: 10.0.2.3"],
    ["10.0.1.0", "is the subnet itself"],
    ["10.0.1.255", "is the subnet's broadcast address"],
    ["10.0.1", "must be an IPv4 address"],
    ["fe80::1", "must be an IPv4 address"],
    [7, "must be an address or a list"],
    [["10.0.1.3", "10.0.1.4"], "names 2 addresses for 1 host"],
    ["10.0.1.{3..5}", "names 3 addresses for 1 host"],
  ])("cannot be %j", (address, reason) => {
    expect(errorsOf({ db: at(address) })).toEqual([expect.stringContaining(reason)]);
    expect(errorsOf({ db: at(address) })[0]).toMatch(/^fleet:hosts\.db\.networks\.internal(\[0\])?: /);
  });

  it("cannot be a gateway", () => {
    const whole = { internal: { range: "10.0.0.0/16" } };
    expect(errorsOf({ db: at("10.0.0.1") }, whole)).toEqual([
      expect.stringContaining("is the network's gateway"),
    ]);
    // Of a subnet that is not the first, the first address is free.
    expect(errorsOf({ db: at("10.0.1.1") })).toEqual([]);
    const public31 = { internal: { range: "172.16.0.0/12" } };
    expect(errorsOf({ db: at("172.31.1.1") }, public31)).toEqual([expect.stringContaining("public network")]);
  });

  it("belongs to one host in a network", () => {
    const other = { range: "10.9.0.0/16" };
    expect(errorsOf({ db: at("10.0.1.3"), web: at("10.0.1.3") })).toEqual([
      'fleet:hosts.web.networks.internal: is the address of host "db" too: 10.0.1.3',
    ]);
    const networks = { internal: { range: "10.9.0.0/16" }, other };
    expect(errorsOf({ db: at("10.9.1.3"), web: at("10.9.1.3", "other") }, networks)).toEqual([]);
  });

  it("is of a network there is, of the host's own cloud", () => {
    expect(errorsOf({ db: at("10.0.1.3", "interal") })).toEqual([
      'fleet:hosts.db.networks.interal: is not a network of the stack; did you mean "internal"?',
    ]);
    expect(errorsOf({ db: at("10.0.1.3") }, {})[0]).toContain("fleet:networks has none");
    const vpc = { vpc: { provider: "scaleway", subnet: "10.0.0.0/22" } };
    expect(errorsOf({ db: at("10.0.1.3", "vpc") }, vpc)).toContain(
      'fleet:hosts.db.networks.vpc: is a network of provider "scaleway", and this host\'s provider is "hetzner"',
    );
    expect(errorsOf({ db: { provider: "scaleway", ...at("10.0.1.3") } })).toContain(
      'fleet:hosts.db.networks.internal: is a network of provider "hetzner", and this host\'s provider is "scaleway"',
    );
  });

  it("is of no network that only JavaScript knows", () => {
    expect(errorsOf({ web: at("10.0.1.2", "constructor") })).toEqual([
      expect.stringContaining("networks.constructor: is not a network of the stack"),
    ]);
  });

  it("is not looked at where the network itself is wrong, which is told once", () => {
    expect(errorsOf({ db: at("10.0.1.3") }, { internal: { range: "x" } })).toEqual([
      expect.stringMatching(/^fleet:networks\.internal\.range/),
    ]);
  });

  it("is of a network in the zone of the host's location", () => {
    expect(errorsOf({ db: { location: "ash", ...at("10.0.1.3") } })).toEqual([
      "fleet:hosts.db.networks.internal: is a network of zone eu-central, and location ash is in us-east",
    ]);
    expect(errorsOf({ db: { location: "hel1", ...at("10.0.1.3") } })).toEqual([]);
    expect(
      errorsOf({ db: at("10.0.1.3") }, { internal: { ...internal, zone: "us-west" } }, { location: "hil" }),
    ).toEqual([]);
  });

  it("is one of three networks at most, which have no addresses in common", () => {
    const networks = Object.fromEntries(
      [1, 2, 3, 4].map((n) => [`n${n}`, { range: `10.${n}.0.0/16` }] as const),
    );
    const join = (...of: number[]) => ({
      db: { networks: Object.fromEntries(of.map((n) => [`n${n}`, `10.${n}.0.5`])) },
    });
    expect(errorsOf(join(1, 2, 3), networks)).toEqual([]);
    expect(errorsOf(join(1, 2, 3, 4), networks)).toEqual([
      "fleet:hosts.db.networks: names 4 networks: at Hetzner a server is in three at most",
    ]);
    const both = { n1: { range: "10.0.0.0/8" }, n2: { range: "10.2.0.0/16" } };
    expect(errorsOf(join(1, 2), both)).toEqual([
      'fleet:hosts.db.networks.n2: has addresses in common with network "n1"',
    ]);
  });
});

describe("the private addresses of several hosts at once", () => {
  const addresses = (hosts: object) =>
    read(hosts).hosts.map((host) => (host.provider === "existing" ? {} : host.networks));

  it("are dealt out in their order", () => {
    const expected = [{ internal: "10.0.1.11" }, { internal: "10.0.1.12" }, { internal: "10.0.1.13" }];
    expect(addresses({ "web-{1..3}": at("10.0.1.{11..13}") })).toEqual(expected);
    expect(addresses({ web: { count: 3, ...at(["10.0.1.11", "10.0.1.12", "10.0.1.13"]) } })).toEqual(
      expected,
    );
  });

  it("are as many as there are hosts", () => {
    expect(errorsOf({ web: { count: 3, ...at("10.0.1.{11..12}") } })).toEqual([
      "fleet:hosts.web.networks.internal: names 2 addresses for 3 hosts: each has one of its own",
    ]);
    expect(errorsOf({ "web-{1..2}": at("10.0.1.11") })).toEqual([
      expect.stringContaining("names 1 address for 2 hosts"),
    ]);
  });

  it("are checked one by one, and told where they are written", () => {
    expect(errorsOf({ "web-{1..2}": at("10.0.1.{254..255}") })).toEqual([
      `fleet:hosts["web-{1..2}"].networks.internal: is the subnet's broadcast address: 10.0.1.255`,
    ]);
  });

  it("are told once where many have the same error", () => {
    expect(errorsOf({ "web-{1..100}": at("10.9.1.{1..100}") })).toEqual([
      `fleet:hosts["web-{1..100}"].networks.internal: must be of the network's subnet, 10.0.1.0/24: 10.9.1.1 and 99 more`,
    ]);
    expect(errorsOf({ "web-{01..12}": at("10.0.1.{01..12}") })).toEqual([
      expect.stringMatching(
        /^fleet:hosts\["web-\{01\.\.12\}"\]\.networks\.internal: must be an IPv4 address/,
      ),
    ]);
    expect(errorsOf({ "web-{1..2}": at(["10.0.1.5", "fd00::1"]) })).toEqual([
      expect.stringContaining(".networks.internal[1]: must be an IPv4 address"),
    ]);
    expect(errorsOf({ web: at("") })).toEqual([
      expect.stringContaining(".networks.internal: must be an IPv4 address"),
    ]);
  });

  it("give way to what a host says itself", () => {
    expect(addresses({ "web-{1..2}": at("10.0.1.{11..12}"), "web-2": at("10.0.1.99") })).toEqual([
      { internal: "10.0.1.11" },
      { internal: "10.0.1.99" },
    ]);
  });
});

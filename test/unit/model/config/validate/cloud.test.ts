import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

function read(hosts: object, networks: object = {}, defaults: object = {}) {
  const raw = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify(hosts),
    "fleet:networks": JSON.stringify(networks),
    "fleet:defaults": JSON.stringify(defaults),
  };
  return buildInventory(parseConfiguration(raw));
}

function errorsOf(...args: Parameters<typeof read>): string[] {
  return toldIn(() => read(...args));
}

describe("what belongs to a server in a cloud", () => {
  it("cannot be given to an imported server, which stays as it is", () => {
    const imported = { importServer: 7, trustOnFirstUse: true };
    expect(errorsOf({ db: { ...imported, networks: {}, reverseDns: "db.example.org" } })).toEqual([
      expect.stringMatching(/^fleet:hosts\.db\.networks: cannot be combined with `importServer`/),
      expect.stringMatching(/^fleet:hosts\.db\.reverseDns: cannot be combined with `importServer`/),
    ]);
    const [host] = read({ db: imported }, {}, { placementGroup: "spread" }).hosts;
    expect(host).toMatchObject({ placementGroup: null });
  });

  it.each([
    ["reverseDns", "web"],
    ["reverseDns", "-.example.org"],
    ["reverseDns", "{name}.example.org"],
    ["reverseDns", { ipv5: "web.example.org" }],
    ["placementGroup", "Spread"],
    ["volumes", { data: {} }],
    ["volumes", { data: { size: 9 } }],
    ["volumes", { data: { size: 10_001 } }],
    ["volumes", { Data: { size: 10 } }],
    ["volumes", { data: { size: 10, format: "ext4" } }],
    ["volumes", 20],
    ["locations", []],
    ["locations", ["nbg1", "nbg1"]],
    ["locations", ["nbg2"]],
    ["locations", "nbg1"],
  ])("refuses %s: %j", (setting, value) => {
    const errors = errorsOf({ web: { [setting]: value } });
    expect(errors).toEqual([expect.stringMatching(`^fleet:hosts\\.web\\.${setting}`)]);
    expect(errors[0]).not.toContain("yet");
  });

  it("takes one place, or several, not both", () => {
    const reason = "cannot be combined with `location`: set only one of them";
    expect(errorsOf({ web: { location: "nbg1", locations: ["fsn1"] } })).toContain(
      `fleet:hosts.web.locations: ${reason}`,
    );
    expect(errorsOf({ web: {} }, {}, { location: "nbg1", locations: ["fsn1"] })).toContain(
      `fleet:defaults.locations: ${reason}`,
    );
  });

  it("has a name for each of its addresses, or for one", () => {
    const ptrRecords = (settings: object) => {
      const [host] = read({ web: settings }).hosts;
      return host?.provider === "hetzner" ? host.ptrRecords : undefined;
    };
    const name = "web.example.org";
    expect(ptrRecords({ reverseDns: "{host}.example.org" })).toEqual({ ipv4: name, ipv6: name });
    expect(ptrRecords({ reverseDns: name, ipv6: false })).toEqual({ ipv4: name, ipv6: null });
    expect(ptrRecords({ reverseDns: { ipv6: name } })).toEqual({ ipv4: null, ipv6: name });
    expect(ptrRecords({})).toEqual({ ipv4: null, ipv6: null });
  });

  it("has no name for an address that the host has not", () => {
    expect(errorsOf({ web: { ipv6: false, reverseDns: { ipv6: "web.example.org" } } })).toContain(
      "fleet:hosts.web.reverseDns.ipv6: is for an address that this host does not have: ipv6 is off",
    );
  });

  it("has ten hosts in a group at most, and sixteen volumes at a host", () => {
    const full = "is the group of 10 other hosts already, which is the most at Hetzner: spread";
    const group = (count: number) => errorsOf({ web: { count, placementGroup: "spread" } });
    expect(group(10)).not.toContainEqual(expect.stringContaining(full));
    expect(group(11)).toContain(`fleet:hosts.web.placementGroup: ${full}`);
    const volumes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`v${n}`, { size: 10 }]));
    const most = "fleet:hosts.web.volumes: names 17 volumes: at Hetzner a server has 16 at most";
    expect(errorsOf({ web: { volumes: volumes(17) } })).toContain(most);
    expect(errorsOf({ web: { volumes: volumes(16) } }).join()).not.toContain("at most");
  });
});

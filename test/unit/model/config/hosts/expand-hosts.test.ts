import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory, type HetznerHost } from "../../../../../model/inventory/inventory.ts";
import { reasonsIn } from "../errors-in.ts";

type Settings = Readonly<Record<string, unknown>>;

function parse(hosts: Settings, tags: Settings = {}, more: Settings = {}) {
  const values = { hosts, tags, ...more };
  const entries = Object.entries(values).map(
    ([key, value]) => [`fleet:${key}`, JSON.stringify(value)] as const,
  );
  return parseConfiguration({ "hcloud:token": "t", ...Object.fromEntries(entries) });
}

const inventory = (...given: Parameters<typeof parse>) =>
  Object.fromEntries(buildInventory(parse(...given)).hosts.map((host) => [host.name, host]));

function hetzner(hosts: ReturnType<typeof inventory>, name: string): HetznerHost {
  const host = hosts[name];
  if (host?.provider !== "hetzner") throw new Error(`no server at Hetzner: ${name}`);
  return host;
}

function errorsOf(...given: Parameters<typeof parse>): Record<string, string> {
  return reasonsIn(() => parse(...given));
}

describe("entries for several hosts", () => {
  it("make each of them, and look for each in the flake", () => {
    const hosts = inventory({ "{eu,us}-web": { tags: ["edge"] }, db: { count: 2, flake: "./hosts#db" } });
    expect(Object.keys(hosts)).toEqual(["db-1", "db-2", "eu-web", "us-web"]);
    expect(hosts["eu-web"]?.source).toMatchObject({ attribute: "eu-web" });
    expect(hosts["db-2"]?.source).toMatchObject({ attribute: "db" });
    expect(hosts["us-web"]?.tags).toEqual(["edge"]);
  });

  it("leave single hosts their own say, setting by setting, wherever they stand", () => {
    const pattern = { tags: ["edge"], location: "fsn1", firewall: { tcp: [80] } };
    const own = { serverType: "cx33", location: "hel1" };
    for (const entries of [
      { "web-{1..2}": pattern, "web-2": own },
      { "web-2": own, "web-{1..2}": pattern },
    ]) {
      const hosts = inventory(entries);
      expect(hetzner(hosts, "web-1")).toMatchObject({ location: "fsn1", serverType: "cx23" });
      expect(hetzner(hosts, "web-2")).toMatchObject({
        ...{ location: "hel1", serverType: "cx33", tags: ["edge"] },
        ports: { tcp: ["80"], udp: [] },
      });
    }
  });

  it("may not make a host twice", () => {
    expect(errorsOf({ "web-{1..3}": {}, "{web,db}-2": {} })).toEqual({
      'fleet:hosts["{web,db}-2"]': 'expands to host "web-2", and so does "web-{1..3}"',
    });
  });

  it("are told once, however many hosts they have in common", () => {
    expect(errorsOf({ "web-{1..50}": {}, web: { count: 40 }, "{web,db}-2": {} })).toEqual({
      "fleet:hosts.web": 'expands to host "web-1" and 39 more, and so does "web-{1..50}"',
      'fleet:hosts["{web,db}-2"]': 'expands to host "web-2", and so does "web"',
    });
  });

  it("let a host say one of two settings that take each other's place", () => {
    const system = `/nix/store/${"a".repeat(32)}-nixos-system-old`;
    const hosts = inventory({
      "web-{1..2}": { location: "fsn1", flake: "./hosts#web", labels: { team: "web", stage: "prod" } },
      "web-1": { locations: ["hel1", "nbg1"], system, labels: { stage: "test" } },
    });
    expect(hetzner(hosts, "web-1")).toMatchObject({
      allowedLocations: ["hel1", "nbg1"],
      source: { kind: "closure", path: system },
      labels: { team: "web", stage: "test" },
    });
    expect(hetzner(hosts, "web-2")).toMatchObject({
      allowedLocations: ["fsn1"],
      source: { attribute: "web" },
      labels: { team: "web", stage: "prod" },
    });
  });

  it("have their errors told by a name that is wrong, too", () => {
    expect(Object.keys(errorsOf({ "web.example.org": { ipv4: false, ipv6: false, wipe: "x" } }))).toEqual([
      'fleet:hosts["web.example.org"]',
      'fleet:hosts["web.example.org"].ipv6',
      'fleet:hosts["web.example.org"].wipe',
    ]);
  });

  it("have their errors where they are written, once for all", () => {
    expect(
      errorsOf({
        "web-{1..3}": { location: "moon", wipe: "web-1" },
        "web-2": { ipv4: false, ipv6: false },
        mail: { count: 2, provider: "existing" },
        "x-{1..2}": { count: 2 },
      }),
    ).toEqual({
      'fleet:hosts["web-{1..3}"].location': expect.any(String),
      'fleet:hosts["web-{1..3}"].wipe': expect.stringContaining("must repeat the host's own name"),
      "fleet:hosts.web-2.ipv6": expect.stringContaining("must be on when ipv4 is off"),
      "fleet:hosts.mail.address": expect.stringContaining("is needed"),
      "fleet:hosts.mail.hostKey": expect.stringContaining("is needed"),
      'fleet:hosts["x-{1..2}"].count': expect.stringContaining("cannot be combined with a pattern"),
    });
  });

  it("count as hosts where hosts are named", () => {
    const hosts = { "web-{1..2}": { tags: ["edge"] } };
    expect(errorsOf(hosts, {}, { rollout: { canary: ["web-1", "@edge"] } })).toEqual({});
    expect(errorsOf(hosts, {}, { rollout: { canary: ["web-3"] } })).toEqual({
      "fleet:rollout.canary[0]": '"web-3" is not a host; did you mean "web-1"?',
    });
  });
});

describe("settings by tag", () => {
  it("come after the host's own and before the stack's", () => {
    const tags = { edge: { location: "fsn1", image: "debian-13", labels: { team: "web", stage: "prod" } } };
    const defaults = { location: "hel1", serverType: "cx43", labels: { owner: "ops", team: "all" } };
    const hosts = inventory(
      { web: { tags: ["edge"], image: "debian-12", labels: { stage: "test" } }, db: {} },
      tags,
      { defaults },
    );
    expect(hetzner(hosts, "web")).toMatchObject({
      ...{ location: "fsn1", image: "debian-12", serverType: "cx43" },
      labels: { owner: "ops", team: "web", stage: "test" },
    });
    expect(hetzner(hosts, "db")).toMatchObject({ location: "hel1", labels: { owner: "ops", team: "all" } });
  });

  it("are not combined with what takes their place at the host", () => {
    const tags = { eu: { location: "fsn1" }, ha: { locations: ["nbg1", "hel1"] } };
    const hosts = inventory(
      { a: { tags: ["eu"], locations: ["hel1", "nbg1"] }, b: { tags: ["ha"], location: "fsn1" } },
      tags,
    );
    expect(hetzner(hosts, "a").allowedLocations).toEqual(["hel1", "nbg1"]);
    expect(hetzner(hosts, "b").allowedLocations).toEqual(["fsn1"]);
    expect(Object.keys(errorsOf({ c: { tags: ["eu", "ha"] } }, tags))).toEqual(["fleet:tags.ha.locations"]);
  });

  it("of other kinds of machines do not concern a host", () => {
    const tags = { edge: { location: "fsn1", flake: "./other", reboot: "ifNeeded" } };
    const system = `/nix/store/${"a".repeat(32)}-nixos-system-old`;
    const existing = { provider: "existing", address: "192.0.2.1", trustOnFirstUse: true };
    const hosts = inventory(
      {
        box: { ...existing, tags: ["edge"], system },
        old: { importServer: 7, trustOnFirstUse: true, tags: ["edge"] },
      },
      tags,
    );
    expect(hosts["box"]).toMatchObject({ source: { kind: "closure", path: system }, reboot: "ifNeeded" });
    expect(hosts["old"]).toMatchObject({ source: { flake: "./other" }, location: "nbg1" });
  });

  it("may say what kind of machine it is", () => {
    const tags = { lan: { provider: "existing" } };
    expect(
      errorsOf(
        { box: { tags: ["lan"], location: "fsn1", address: "192.0.2.1", trustOnFirstUse: true } },
        tags,
      ),
    ).toEqual({ "fleet:hosts.box.location": expect.stringContaining('this host\'s provider is "existing"') });
  });

  it("of two tags must agree, unless the host says it", () => {
    const tags = {
      a: { location: "fsn1", serverType: "cx33", labels: { x: "1", y: "1" } },
      b: { location: "hel1", serverType: "cx33", labels: { x: "1", z: "1" } },
    };
    expect(errorsOf({ web: { tags: ["a", "b"] } }, tags)).toEqual({
      "fleet:hosts.web.tags":
        '"a" and "b" both set location, to different values: say at the host which it is',
    });
    const hosts = inventory({ web: { tags: ["b", "a"], location: "nbg1" } }, tags);
    expect(hetzner(hosts, "web")).toMatchObject({ location: "nbg1", labels: { x: "1", y: "1", z: "1" } });
  });

  it("have their errors where they are written, and name the host", () => {
    const tags = {
      edge: { locaton: "fsn1", elevatePassword: "sudoo", ipv4: false, ipv6: false },
      spare: { location: "moon" },
    };
    const errors = errorsOf({ "web-{1..2}": { tags: ["edge"], ssh: { user: "ops" } } }, tags);
    expect(errors).toMatchObject({
      "fleet:tags.edge.locaton": 'is not a valid setting; did you mean "location"?',
      "fleet:tags.spare.location": expect.any(String),
    });
    const right = { edge: { elevatePassword: "sudoo", ipv4: false, ipv6: false }, spare: {} };
    expect(errorsOf({ "web-{1..3}": { tags: ["edge"], ssh: { user: "ops" } } }, right)).toEqual({
      "fleet:tags.edge.elevatePassword": expect.stringMatching(/sudoo.*\(host "web-1" and 2 more\)$/),
      "fleet:tags.edge.ipv6": expect.stringMatching(
        /must be on when ipv4 is off.*\(host "web-1" and 2 more\)$/,
      ),
      "fleet:tags.spare": "is the tag of no host; valid values: edge",
    });
  });
});

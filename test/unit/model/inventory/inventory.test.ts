import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import {
  buildInventory,
  type HetznerHost,
  type InventoryHost,
} from "../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../model/inventory/static-facts.ts";
import { fc } from "../../property.ts";

function inventory(hosts: unknown, defaults: unknown = {}) {
  return buildInventory(
    parseConfiguration({
      "hcloud:token": "t",
      "fleet:hosts": JSON.stringify(hosts),
      "fleet:defaults": JSON.stringify(defaults),
    }),
  );
}

function only(hosts: unknown, defaults: unknown = {}): InventoryHost {
  const [host] = inventory(hosts, defaults).hosts;
  if (host === undefined) throw new Error("no host");
  return host;
}

function hetzner(hosts: unknown, defaults: unknown = {}): HetznerHost {
  const host = only(hosts, defaults);
  if (host.provider !== "hetzner") throw new Error("no Hetzner host");
  return host;
}

describe("buildInventory", () => {
  it("sorts hosts by name, whatever order they are written in", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/), { minLength: 1 }), (names) => {
        const built = inventory(Object.fromEntries(names.map((name) => [name, {}]))).hosts.map(
          ({ name }) => name,
        );
        expect(built).toEqual([...names].sort());
      }),
    );
  });

  it("knows where a host was reached before only where that is another place", () => {
    const previousOf = (ssh: object, stack: object = {}) =>
      buildInventory(
        parseConfiguration({
          "hcloud:token": "t",
          "fleet:hosts": JSON.stringify({ web: { ssh } }),
          "fleet:ssh": JSON.stringify(stack),
        }),
      ).hosts[0]?.previous;
    expect(previousOf({})).toBeNull();
    expect(previousOf({ port: 2222 })).toBeNull();
    expect(previousOf({ port: 2222, previous: { port: 22 } })).toEqual({ address: null, port: 22 });
    expect(previousOf({ port: 22, previous: { port: 22 } })).toBeNull();
    expect(previousOf({}, { port: 2222, previous: { port: 22 } })).toEqual({ address: null, port: 22 });
    expect(previousOf({ port: 22 }, { port: 2222, previous: { port: 22 } })).toBeNull();
    expect(previousOf({ previous: { port: 23 } }, { port: 2222, previous: { port: 22 } })).toEqual({
      address: null,
      port: 23,
    });
  });

  it("lets a host override the stack's defaults, and the stack ours", () => {
    expect(only({ web: {} })).toMatchObject({
      location: "nbg1",
      serverType: "cx23",
      protect: true,
      goal: "switch",
    });
    expect(only({ web: {} }, { location: "hel1", protect: false })).toMatchObject({
      location: "hel1",
      protect: false,
    });
    expect(
      only({ web: { location: "fsn1", protect: true } }, { location: "hel1", protect: false }),
    ).toMatchObject({
      location: "fsn1",
      protect: true,
    });
  });

  it("merges labels and sorts tags", () => {
    const host = hetzner(
      { web: { labels: { b: "2" }, tags: ["z", "a", "z"] } },
      { labels: { a: "1", b: "1" } },
    );
    expect(host.labels).toEqual({ a: "1", b: "2" });
    expect(host.tags).toEqual(["a", "z"]);
  });

  it.each([
    [{}, { flake: "./hosts", attribute: "web" }],
    [{ flake: "../etc" }, { flake: "../etc", attribute: "web" }],
    [{ flake: "../etc#srv" }, { flake: "../etc", attribute: "srv" }],
    [{ flake: "../etc#" }, { flake: "../etc", attribute: "web" }],
    [{ flake: "git+ssh://git@h/r?dir=x#srv" }, { flake: "git+ssh://git@h/r?dir=x", attribute: "srv" }],
  ])("finds the attribute of %j", (settings, source) => {
    expect(only({ web: settings }).source).toEqual({ kind: "flake", ...source });
  });

  it("takes a ready-made closure in place of the default flake", () => {
    const path = `/nix/store/${"a".repeat(32)}-nixos-system`;
    expect(only({ web: { system: path } }, { flake: "./x" }).source).toEqual({ kind: "closure", path });
  });

  it("turns ports into the texts the cloud's API takes, each once", () => {
    const host = hetzner({ web: { firewall: { tcp: [80, "80", "8000-8010"], udp: [53] } } });
    expect(host.ports).toMatchObject({ tcp: ["80", "8000-8010"], udp: ["53"] });
  });
});

describe("staticFacts", () => {
  it("holds provider, location and tags of every host and nothing that is found out later", () => {
    const nothing = { privateAddresses: {}, volumes: {} };
    const facts = staticFacts(inventory({ web: { tags: ["a"] }, db: {} }), { project: "p", stack: "prod" });
    expect(facts).toEqual({
      project: "p",
      stack: "prod",
      hosts: {
        db: { provider: "hetzner", location: "nbg1", tags: [], sshPort: 22, ...nothing },
        web: { provider: "hetzner", location: "nbg1", tags: ["a"], sshPort: 22, ...nothing },
      },
      networks: {},
      customFacts: [],
    });
  });
});

import { describe, expect, it, test } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { parseBuildAddress } from "../../../../../model/config/settings/build.ts";
import { type BuildSource, buildInventory } from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvuT7PZkPkmMrE5bIGH7hSg1ZJzVN9M8uM9Yp1vCgBd";

function parse(hosts: Record<string, object>, defaults: object = {}) {
  return parseConfiguration({
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify(hosts),
    "fleet:defaults": JSON.stringify(defaults),
  });
}

function errors(hosts: Record<string, object>, defaults: object = {}): string[] {
  return toldIn(() => parse(hosts, defaults));
}

function places(hosts: Record<string, object>, defaults: object = {}): Record<string, BuildSource> {
  const inventory = buildInventory(parse(hosts, defaults));
  return Object.fromEntries(inventory.hosts.map(({ name, build }) => [name, build]));
}

describe("build.on", () => {
  it("is automatic unless it says something", () => {
    expect(places({ web: {} })).toEqual({ web: { on: "auto" } });
  });

  it("takes the default where the host has none, as a whole", () => {
    const defaults = { build: { on: "ssh://ci@example.org:2222", hostKey: key } };
    expect(places({ db: { build: { on: "local" } }, web: {} }, defaults)).toEqual({
      db: { on: "local" },
      web: {
        on: "ssh",
        machine: { user: "ci", address: "example.org", port: 2222 },
        hostKey: key,
      },
    });
  });

  it("by name means another host, and for that one itself", () => {
    expect(places({ big: {}, web: {} }, { build: { on: "big" } })).toEqual({
      big: { on: "target" },
      web: { on: "host", host: "big" },
    });
  });

  test.each([
    [
      { web: { build: { on: "bog" } }, big: {} },
      'fleet:hosts.web.build.on: "bog" is not a host of the fleet; did you mean "big"?',
    ],
    [
      { web: { build: { on: "ssh://x y" } } },
      "fleet:hosts.web.build.on: must have the form ssh://user@address:port",
    ],
    [{ web: { build: { on: "ssh://example.org:2222" } } }, "fleet:hosts.web.build.hostKey: is needed"],
    [{ web: { build: { on: "local", hostKey: key } } }, "fleet:hosts.web.build.hostKey: is only for ssh://…"],
    [
      { web: { build: { on: "local", hostkey: key } } },
      "fleet:hosts.web.build.hostkey: is not a valid setting",
    ],
  ])("%j is an error", (hosts, error) => {
    expect(errors(hosts)).toEqual([expect.stringContaining(error)]);
  });

  it("names the command that shows the key it wants", () => {
    expect(errors({ web: { build: { on: "ssh://[2001:db8::1]:2222" } } }).join()).toContain(
      "ssh-keyscan -t ed25519 -p 2222 2001:db8::1",
    );
  });

  it("of the defaults is checked once, where it stands", () => {
    expect(errors({ a: {}, b: {} }, { build: { on: "c" } })).toEqual([
      expect.stringContaining('fleet:defaults.build.on: "c" is not a host of the fleet'),
    ]);
  });

  it("must have no circular dependency, which is reported for its hosts only", () => {
    const circle = { a: { build: { on: "b" } }, b: { build: { on: "a" } }, web: { build: { on: "a" } } };
    expect(errors(circle)).toEqual([
      "fleet:hosts.a.build.on: circular dependency: a → b → a",
      "fleet:hosts.b.build.on: circular dependency: b → a → b",
    ]);
    expect(errors({ a: {}, b: { build: { on: "a" } }, web: { build: { on: "b" } } })).toEqual([]);
  });
});

test.each([
  ["ssh://example.org", { user: "root", address: "example.org", port: 22 }],
  ["ssh://ci@198.51.100.7:2222/", { user: "ci", address: "198.51.100.7", port: 2222 }],
  ["ssh://[2001:db8::1]", { user: "root", address: "2001:db8::1", port: 22 }],
  ["ssh://2001:db8::1", undefined],
  ["ssh://[example.org]", undefined],
  ["ssh://example.org:0", undefined],
  ["ssh://example.org:65536", undefined],
  ["ssh://-oProxyCommand=x@example.org", undefined],
  ["ssh://example.org/path", undefined],
])("%s is read as an address", (text, address) => {
  expect(parseBuildAddress(text)).toEqual(address);
});

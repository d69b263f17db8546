import { describe, expect, it } from "vitest";
import { hetznerCredentials } from "../../../../../model/config/credentials/hetzner.ts";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

function read(hosts: unknown) {
  return buildInventory(parseConfiguration({ "hcloud:token": "t", "fleet:hosts": JSON.stringify(hosts) }));
}

function told(hosts: unknown): string[] {
  return toldIn(() => read(hosts));
}

describe("importServer", () => {
  it("names a server by its id, and takes a key as an existing machine does", () => {
    expect(read({ web: { importServer: 4711, hostKey: `${hostKey} root@old` } }).hosts).toEqual([
      expect.objectContaining({
        provider: "hetzner",
        importServer: "4711",
        machineKey: hostKey,
        trustOnFirstUse: false,
      }),
    ]);
    expect(read({ web: {} }).hosts).toEqual([
      expect.objectContaining({ importServer: null, machineKey: null }),
    ]);
  });

  it.each([
    [{ importServer: 4711, trustOnFirstUse: true }],
    [{ importServer: "4711", bootstrap: "rescue", wipe: "web" }],
    [{ importServer: 4711, hostKey, bootstrap: "none" }],
    [{ importServer: 4711, hostKey, wipe: "web" }],
    [{ bootstrap: "rescue" }],
  ])("takes %j", (settings) => {
    expect(told({ web: settings })).toEqual([]);
  });

  it.each([
    [{ importServer: "web" }, "importServer: must be the id of a server"],
    [{ importServer: 0, hostKey }, "importServer: must be the id of a server"],
    [{ importServer: 4711 }, "hostKey: is needed"],
    [{ importServer: 4711, bootstrap: "none" }, "hostKey: is needed"],
    [{ importServer: 4711, hostKey, location: "fsn1" }, "location: cannot be combined with `importServer`"],
    [{ importServer: 4711, hostKey, labels: {} }, "labels: cannot be combined with `importServer`"],
    [
      { importServer: 4711, hostKey, bootstrap: "none", wipe: "web" },
      'wipe: cannot be combined with `bootstrap: "none"`',
    ],
    [{ importServer: 4711, hostKey, address: "203.0.113.5" }, 'address: is a setting of provider "existing"'],
    [{ hostKey }, 'hostKey: is a setting of provider "existing"'],
    [{ bootstrap: "none" }, 'bootstrap: cannot be "none" at Hetzner'],
  ])("refuses %j", (settings, error) => {
    expect(told({ web: settings })).toContainEqual(expect.stringContaining(`fleet:hosts.web.${error}`));
  });

  it("gives a server to one host alone", () => {
    const errors = told({
      db: { importServer: 4711, hostKey },
      web: { importServer: "4711", hostKey: hostKey.replace("OMqq", "OMqr") },
    });
    expect(errors).toEqual(['fleet:hosts.web.importServer: is already used by host "db"']);
  });
});

describe("credentials of Hetzner", () => {
  it("are those of the provider: configuration before environment", () => {
    const raw = { "hcloud:token": "a", "hcloud:endpoint": "http://x/v1" };
    const environment = { HCLOUD_TOKEN: "b", HCLOUD_ENDPOINT: "http://y/v1/" };
    expect(hetznerCredentials(raw, environment)).toEqual({ token: "a", endpoint: "http://x/v1" });
    expect(hetznerCredentials({}, environment)).toEqual({ token: "b", endpoint: "http://y/v1" });
    expect(hetznerCredentials({ "hcloud:token": "a" }, {})).toEqual({
      token: "a",
      endpoint: "https://api.hetzner.cloud/v1",
    });
    expect(hetznerCredentials({}, {})).toBeUndefined();
  });
});

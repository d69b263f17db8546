import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import {
  buildInventory,
  type InventoryHost,
  secretsOfLogin,
} from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

const machine = {
  provider: "existing",
  address: "203.0.113.5",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
};

/** A host with user "admin", unless its settings name another. */
function hostWith(settings: object, defaults: object = {}): InventoryHost | undefined {
  const raw = {
    "fleet:hosts": JSON.stringify({ web: { ...machine, ssh: { user: "admin" }, ...settings } }),
    "fleet:defaults": JSON.stringify(defaults),
    "fleet:secrets": JSON.stringify({ admin: "open sesame", other: "open simsim" }),
  };
  const secrecy = { isSecret: () => true, plain: [] };
  return buildInventory(parseConfiguration(raw, {}, secrecy)).hosts[0];
}

function errorsWith(settings: object, defaults: object = {}): string[] {
  return toldIn(() => hostWith(settings, defaults));
}

const root = { ssh: { user: "root" } };

describe("how a user becomes root", () => {
  it.each([
    [{}, {}, { tool: "sudo", password: null }],
    [{ elevate: "doas" }, {}, { tool: "doas", password: null }],
    [{}, { elevate: "run0" }, { tool: "run0", password: null }],
    [{ elevate: "sudo" }, { elevate: "run0" }, { tool: "sudo", password: null }],
    [{ elevatePassword: "admin" }, {}, { tool: "sudo", password: "admin" }],
    [{ elevate: "sudo" }, { elevate: "sudo", elevatePassword: "other" }, { tool: "sudo", password: "other" }],
    [{ elevatePassword: "admin" }, { elevatePassword: "other" }, { tool: "sudo", password: "admin" }],
    [root, { elevate: "sudo", elevatePassword: "other" }, null],
    [{ ...root, elevate: "none" }, {}, null],
  ])("of a host with %j and defaults %j is %j", (settings, defaults, elevation) => {
    expect(hostWith(settings, defaults)?.elevation).toEqual(elevation);
  });

  it("brings its password to whoever logs in", () => {
    const names = (settings: object) => {
      const host = hostWith(settings);
      return host === undefined ? [] : secretsOfLogin(host);
    };
    expect(names({ elevatePassword: "admin" })).toEqual(["admin"]);
    expect(names({})).toEqual([]);
  });
});

describe("errors of how a user becomes root", () => {
  it.each([
    [{ elevate: "none" }, 'elevate: must be "sudo", "run0" or "doas" for user "admin"'],
    [
      { elevate: "doas", elevatePassword: "admin" },
      'elevatePassword: cannot be combined with `elevate: "doas"`',
    ],
    [
      { elevate: "run0", elevatePassword: "admin" },
      'elevatePassword: cannot be combined with `elevate: "run0"`',
    ],
    [{ ...root, elevate: "sudo" }, 'elevate: must be "none": the user is root'],
    [{ ...root, elevatePassword: "admin" }, "elevatePassword: does nothing: the user is root"],
    [{ elevatePassword: "amdin" }, 'elevatePassword: names the secret "amdin"'],
  ])("%j", (settings, expected) => {
    expect(errorsWith(settings)).toEqual([expect.stringContaining(`fleet:hosts.web.${expected}`)]);
  });

  it("are found where the parts of one stand in the defaults", () => {
    expect(errorsWith({ elevate: "run0" }, { elevatePassword: "admin" })).toEqual([
      expect.stringContaining('fleet:hosts.web.elevatePassword: cannot be combined with `elevate: "run0"`'),
    ]);
    expect(errorsWith({}, { elevatePassword: "amdin" })).toEqual([
      expect.stringContaining('fleet:defaults.elevatePassword: names the secret "amdin"'),
    ]);
  });
});

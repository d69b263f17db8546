import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { settingsOfProvider } from "../../../../../model/config/providers.ts";
import type { ConfigError } from "../../../../../model/errors/config-error.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../../model/inventory/static-facts.ts";
import { errorsIn } from "../errors-in.ts";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==";
const machine = { provider: "existing", address: "203.0.113.5", hostKey };

function read(hosts: unknown, more: Record<string, unknown> = {}) {
  const texts = Object.entries({ hosts, ...more }).map(([name, value]) => [
    `fleet:${name}`,
    JSON.stringify(value),
  ]);
  return buildInventory(parseConfiguration(Object.fromEntries(texts)));
}

function errorsOf(hosts: unknown, more: Record<string, unknown> = {}): readonly ConfigError[] {
  return errorsIn(() => read(hosts, more));
}

const told = (errors: readonly ConfigError[]) => errors.map(({ path, reason }) => `${path}: ${reason}`);

describe("a host with provider: existing", () => {
  it("needs an address, a key, and no token of any cloud", () => {
    expect(read({ web: { ...machine, hostKey: `${hostKey} root@old` } }).hosts).toEqual([
      expect.objectContaining({
        provider: "existing",
        address: "203.0.113.5",
        machineKey: hostKey,
        bootstrap: "kexec",
        login: { user: "root", port: 22 },
      }),
    ]);
    expect(told(errorsOf({ web: { provider: "existing", trustOnFirstUse: true } }))).toEqual([
      "fleet:hosts.web.address: is needed: the machine's IP address or DNS name",
    ]);
  });

  it("may take its provider from the stack's defaults, and leaves their Hetzner settings alone", () => {
    const { provider: _, ...rest } = machine;
    const defaults = { provider: "existing", location: "fsn1", ipv4: false, ipv6: false };
    expect(read({ web: rest }, { defaults }).hosts).toEqual([
      expect.not.objectContaining({ location: expect.anything() }),
    ]);
  });

  it("may name the address it had before, and a server in a cloud may not", () => {
    const previous = { address: "203.0.113.4" };
    expect(read({ web: { ...machine, ssh: { previous } } }).hosts).toEqual([
      expect.objectContaining({ address: "203.0.113.5", previous: { address: "203.0.113.4", port: 22 } }),
    ]);
    expect(told(errorsOf({ web: { ...machine, ssh: { previous: { address: machine.address } } } }))).toEqual([
      "fleet:hosts.web.ssh.previous.address: is the address it has now: name the one before, or leave it out",
    ]);
    const cloud = told(errorsOf({ web: { ssh: { previous } } }, { ssh: {} }));
    expect(cloud.filter((error) => error.includes("previous"))).toEqual([
      "fleet:hosts.web.ssh.previous.address: is for existing machines: the address of a server in a cloud comes from there",
    ]);
  });

  it("says how to get the key it lacks, for its own port and address", () => {
    const [error, ...others] = errorsOf({
      web: { provider: "existing", address: "203.0.113.5", ssh: { port: 2222 } },
    });
    expect(others).toEqual([]);
    expect(error?.path).toBe("fleet:hosts.web.hostKey");
    expect(error?.reason).toContain("ssh-keyscan -t ed25519 -p 2222 203.0.113.5,");
    expect(error?.reason).toContain("trustOnFirstUse: true");
  });

  it("does not trust on first use unless told so", () => {
    const untold = { provider: "existing", address: "203.0.113.5", trustOnFirstUse: false };
    expect(told(errorsOf({ web: untold }))[0]).toMatch(/^fleet:hosts\.web\.hostKey: is needed/);
    expect(read({ web: { ...untold, trustOnFirstUse: true } }).hosts[0]).toMatchObject({ machineKey: null });
  });

  it("names a malformed setting once, and not as missing as well", () => {
    expect(told(errorsOf({ web: { provider: "existing", address: "203.0.113", hostKey: "x" } }))).toEqual([
      expect.stringMatching(/^fleet:hosts\.web\.address: must be an IPv4 address/),
      "fleet:hosts.web.hostKey: is not a valid OpenSSH public key",
    ]);
  });

  it.each(["203.0.113.5", "2001:db8::5", "web", "web-1.example.org"])("takes the address %s", (address) => {
    expect(errorsOf({ web: { ...machine, address } })).toEqual([]);
  });

  it.each(["", "203.0.113.256", "[2001:db8::5]", "-web", "web_1", "a b", "root@web", "web:22"])(
    "refuses the address %j",
    (address) => {
      expect(errorsOf({ web: { ...machine, address } }).map(({ path }) => path)).toEqual([
        "fleet:hosts.web.address",
      ]);
    },
  );

  it.each([
    [{ trustOnFirstUse: true }, "trustOnFirstUse", "cannot be combined with `hostKey`"],
    [{ bootstrap: "none", wipe: "web" }, "wipe", 'cannot be combined with `bootstrap: "none"`'],
    [{ bootstrap: "none", reinstall: 1 }, "reinstall", 'cannot be combined with `bootstrap: "none"`'],
    [{ bootstrap: "none", hostKey: rsa }, "hostKey", "must be an ssh-ed25519 key"],
    [
      { ssh: { user: "admin" }, elevate: "none" },
      "elevate",
      'must be "sudo", "run0" or "doas" for user "admin"',
    ],
    [{ elevate: "sudo" }, "elevate", 'must be "none"'],
    [{ elevate: "doas" }, "elevate", 'must be "none"'],
    [{ elevate: "su" }, "elevate", "must be one of none, sudo"],
    [{ ssh: { user: "-oProxyCommand=x" } }, "ssh.user", "is not a valid user name"],
    [{ bootstrap: "rescue" }, "bootstrap", 'cannot be "rescue" for an existing machine'],
    [{ bootstrap: "reinstall" }, "bootstrap", "must be one of kexec, rescue"],
    [{ importServer: 7 }, "importServer", 'is for provider "hetzner"'],
  ])("refuses %j", (settings, setting, reason) => {
    expect(told(errorsOf({ web: { ...machine, ...settings } }))).toEqual([
      expect.stringContaining(`fleet:hosts.web.${setting}: ${reason}`),
    ]);
  });

  it("takes a user of its own, who becomes root by sudo", () => {
    const settings = { ssh: { user: "admin", port: 2222 }, elevate: "sudo" };
    expect(read({ web: { ...machine, ...settings } }).hosts[0]).toMatchObject({
      login: { user: "admin", port: 2222 },
    });
    expect(read({ web: machine }, { ssh: { user: "admin", port: 2200 } }).hosts[0]).toMatchObject({
      login: { user: "admin", port: 2200 },
    });
  });

  it("is waited for unless it may be unreachable", () => {
    expect(read({ web: machine }).hosts[0]).toMatchObject({ allowUnreachable: false });
    expect(read({ web: { ...machine, allowUnreachable: true } }).hosts[0]).toMatchObject({
      allowUnreachable: true,
    });
  });

  it("with a key of another kind can be installed anew", () => {
    expect(errorsOf({ web: { ...machine, hostKey: rsa } })).toEqual([]);
  });

  it("shares its machine with no other host", () => {
    expect(told(errorsOf({ web: machine, db: { ...machine, address: "203.0.113.6" } }))).toEqual([
      'fleet:hosts.db.hostKey: is already used by host "web"',
    ]);
    const trusting = { provider: "existing", address: "203.0.113.5", trustOnFirstUse: true };
    expect(told(errorsOf({ web: machine, db: trusting }))).toEqual([
      'fleet:hosts.db.address: is already used by host "web"',
    ]);
    expect(errorsOf({ web: machine, db: { ...trusting, ssh: { port: 2222 } } })).toEqual([]);
  });

  it("has no location as a fact", () => {
    expect(staticFacts(read({ web: machine }), { project: "p", stack: "prod" }).hosts["web"]).toEqual({
      provider: "existing",
      location: null,
      tags: [],
      privateAddresses: {},
      volumes: {},
      sshPort: 22,
    });
  });
});

describe("settings of the other provider", () => {
  const values: Record<string, unknown> = {
    location: "nbg1",
    serverType: "cx23",
    image: "debian-12",
    ipv4: true,
    ipv6: false,
    labels: {},
    backups: false,
    deleteProtection: false,
    firewall: {},
    zone: "nl-ams-1",
    instanceType: "DEV1-S",
    rootVolume: 20,
    address: "web",
    hostKey,
    trustOnFirstUse: false,
    allowUnreachable: true,
    locations: ["nbg1"],
    zones: ["nl-ams-1"],
    placementGroup: "spread",
    volumes: { data: { size: 10 } },
    networks: { internal: "10.0.1.3" },
    reverseDns: "web.example.org",
  };

  const shared: readonly string[] = settingsOfProvider.hetzner.filter((setting) =>
    settingsOfProvider.scaleway.some((other) => other === setting),
  );
  const ofHetzner = settingsOfProvider.hetzner.filter((setting) => !shared.includes(setting));
  const ofScaleway = settingsOfProvider.scaleway.filter((setting) => !shared.includes(setting));

  it.each([
    ...shared.map((setting) => [setting, 'providers "hetzner" and "scaleway"']),
    ...ofHetzner.map((setting) => [setting, 'provider "hetzner"']),
    ...ofScaleway.map((setting) => [setting, 'provider "scaleway"']),
  ])("refuses %s on an existing machine", (setting = "", owners) => {
    expect(told(errorsOf({ web: { ...machine, [setting]: values[setting] } }))).toEqual([
      `fleet:hosts.web.${setting}: is a setting of ${owners}, and this host's provider is "existing"`,
    ]);
  });

  it.each(ofScaleway)("refuses %s on a server at Hetzner", (setting) => {
    expect(told(errorsOf({ web: { [setting]: values[setting] } }))).toContain(
      `fleet:hosts.web.${setting}: is a setting of provider "scaleway", and this host's provider is "hetzner"`,
    );
  });

  it.each([...ofHetzner, ...settingsOfProvider.existing])(
    "refuses %s on an instance at Scaleway",
    (setting) => {
      const errors = told(errorsOf({ web: { provider: "scaleway", [setting]: values[setting] } }));
      expect(errors).toContainEqual(
        expect.stringMatching(
          `^fleet:hosts\\.web\\.${setting}: is a setting of provider .*, and this host's provider is "scaleway"$`,
        ),
      );
    },
  );

  it.each(settingsOfProvider.existing)("refuses %s on a server at Hetzner", (setting) => {
    expect(told(errorsOf({ web: { [setting]: values[setting] } }))).toContain(
      `fleet:hosts.web.${setting}: is a setting of provider "existing", and this host's provider is "hetzner"`,
    );
  });

  it("says that no NixOS runs on a stock image", () => {
    const errors = told(errorsOf({ web: { bootstrap: "none" } }));
    expect(errors).toContainEqual(expect.stringContaining('fleet:hosts.web.bootstrap: cannot be "none"'));
  });

  it("needs the token as soon as one host is at Hetzner", () => {
    expect(errorsOf({ web: machine, db: {} }).map(({ path }) => path)).toEqual(["hcloud:token"]);
  });
});

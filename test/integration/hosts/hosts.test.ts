import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nixFiles } from "../../unit/hosts/nix-source.ts";
import { evaluate, evaluationError, nix, nixOutput } from "../miniflake/nix.ts";
import { copyOfHosts, facts, type HostsCopy, hostsFolder } from "./hosts-copy.ts";

const files = nixFiles(hostsFolder).map((file) => path.relative(hostsFolder, file));

let flake: HostsCopy;
beforeEach(() => {
  flake = copyOfHosts();
});
afterEach(() => flake.remove());

/** All a host says that NixOS would build from, without the facts themselves. */
const everything = (name: string) =>
  evaluate(`removeAttrs (${flake.host(name, "config")}) [ "fleet" "assertions" ]`);

describe("the real flake", () => {
  test.each(files)("%s parses", async (file) => {
    expect(await nix("eval", "--file", path.join(hostsFolder, file), "--apply", "_: true")).toMatchObject({
      ok: true,
    });
  });

  test("its lock file is complete: Nix has nothing to add, without any network", async () => {
    const lock: unknown = JSON.parse(readFileSync(path.join(hostsFolder, "flake.lock"), "utf8"));
    const metadata: unknown = JSON.parse(
      await nixOutput(
        "flake",
        "metadata",
        "--json",
        "--no-update-lock-file",
        "--offline",
        `path:${flake.folder}`,
      ),
    );
    expect(metadata).toMatchObject({ locks: lock });
  });

  test("an input without a lock would be noticed", async () => {
    flake.edit("flake.nix", "  inputs = {", '  inputs.extra.url = "github:example/extra";\n  inputs = {');
    const answer = await nix(
      "flake",
      "metadata",
      "--no-update-lock-file",
      "--offline",
      `path:${flake.folder}`,
    );
    expect(answer.ok).toBe(false);
  });
});

describe("what changes a host", () => {
  test("comments and other files do not", async () => {
    const before = [await everything("web"), await everything("db")];
    for (const file of files) flake.append(file, "# A comment.\n");
    flake.edit("web/default.nix", "  services.nginx = {", "  # A comment.\n  services.nginx = {");
    flake.write("README.md", "Other words.\n");
    flake.write("web/notes.txt", "Other words.\n");
    expect([await everything("web"), await everything("db")]).toEqual(before);
  });

  test("its page does, and only its own host", async () => {
    const before = { web: await everything("web"), db: await everything("db") };
    flake.edit("web/site/index.html", "Hello from web", "Hello again");
    expect(await everything("web")).not.toEqual(before.web);
    expect(await everything("db")).toEqual(before.db);
  });

  test("no address but its own IPv6: other servers may come and go", async () => {
    const others = facts.replace('ipv6 = "2001:db8:8::1"', 'ipv6 = throw "not yet"');
    expect(await evaluate(flake.host("web", "config.systemd.network.networks", others))).toBeDefined();
    expect(await evaluationError(flake.host("db", "config.systemd.network.networks", others))).toContain(
      "not yet",
    );
  });
});

describe("every host", () => {
  test.each(["web", "db", "monitor", "edge", "office"])(
    "%s: SSH by key only, for the deploy key",
    async (name) => {
      expect(await evaluate(flake.host(name, "config.users.users.root.openssh.authorizedKeys.keys"))).toEqual(
        ["ssh-ed25519 AAAA deploy"],
      );
      expect(await evaluate(flake.host(name, "config.services.openssh"))).toEqual({
        enable: true,
        hostKeys: [{ path: "/etc/ssh/ssh_host_ed25519_key", type: "ed25519" }],
        settings: {
          KbdInteractiveAuthentication: false,
          PasswordAuthentication: false,
          PermitRootLogin: "prohibit-password",
        },
      });
      expect(await evaluate(flake.host(name, "config.users.mutableUsers"))).toBe(false);
    },
  );

  test.each(["web", "db", "monitor", "edge", "office"])(
    "%s: refused when no user can log in",
    async (name) => {
      expect(await evaluate(flake.host(name, "failed", ""))).toEqual([
        expect.stringContaining("no user can log in to this host"),
      ]);
      expect(await evaluate(flake.host(name, "failed"))).toEqual([]);
    },
  );

  test("keeps ten generations to go back to", async () => {
    const preStart = await evaluate(flake.host("web", "config.systemd.services.nix-gc.preStart"));
    expect(preStart).toBe(
      "/nix-package/bin/nix-env --profile /nix/var/nix/profiles/system --delete-generations +10\n",
    );
    expect(await evaluate(flake.host("web", "config.boot.loader.grub.configurationLimit"))).toBe(10);
    const without = `${facts} { nix.gc.automatic = false; }`;
    expect(await evaluate(flake.host("web", "config.systemd.services", without))).toEqual({ "nix-gc": {} });
  });

  test("web: open to HTTP; db: to PostgreSQL on the private network only", async () => {
    expect(await evaluate(flake.host("web", "config.networking.firewall"))).toEqual({
      allowedTCPPorts: [80],
      enable: true,
    });
    expect(await evaluate(flake.host("db", "config.networking.firewall"))).toEqual({
      enable: true,
      interfaces: { eth1: { allowedTCPPorts: [5432] } },
    });
  });
});

describe("networks", () => {
  test("Hetzner: IPv4 by DHCP, IPv6 from the facts", async () => {
    expect(await evaluate(flake.host("web", 'config.systemd.network.networks."10-public"'))).toEqual({
      address: ["2001:db8:7::1/64"],
      matchConfig: { Name: "eth0" },
      networkConfig: { DHCP: "ipv4", IPv6AcceptRA: false },
      routes: [{ Gateway: "fe80::1" }],
    });
  });

  test("Hetzner: no IPv6 without an address", async () => {
    const none = facts.replace('"2001:db8:7::1"', "null");
    expect(
      await evaluate(flake.host("web", 'config.systemd.network.networks."10-public"', none)),
    ).toMatchObject({
      address: [],
      routes: [],
    });
    expect(
      await evaluate(flake.host("web", 'config.systemd.network.networks."10-public"', "")),
    ).toMatchObject({
      address: [],
    });
  });

  test("Scaleway: both by the network", async () => {
    flake.edit("web/default.nix", "hardware/hetzner.nix", "hardware/scaleway.nix");
    expect(await evaluate(flake.host("web", "config.systemd.network.networks"))).toEqual({
      "10-public": {
        matchConfig: { Name: "eth0" },
        networkConfig: { DHCP: "yes", IPv6AcceptRA: true, IPv6PrivacyExtensions: false },
      },
      "20-private": {
        matchConfig: { Name: "eth[1-9]*" },
        networkConfig: { DHCP: "ipv4", IPv6AcceptRA: false },
        dhcpV4Config: { UseGateway: false, UseDNS: false },
        linkConfig: { RequiredForOnline: false },
      },
    });
  });

  test("drivers of both clouds' disks are in the initrd", async () => {
    expect(await evaluate(flake.host("web", "config.boot.initrd.availableKernelModules"))).toEqual(
      expect.arrayContaining(["virtio_scsi", "virtio_blk", "virtio_pci", "sd_mod"]),
    );
  });
});

describe("volumes", () => {
  const withVolume = (settings: string, device = '"/dev/disk/by-id/scsi-0HC_Volume_7"') => `${facts} {
    fleet.hosts.db.volumes.data = { size = 20; device = ${device}; };
    fleet.volumes = ${settings};
  }`;
  const data = '{ data = { mountPoint = "/srv/my-data"; services = [ "postgresql" ]; }; }';

  test("are mounted by id, made a file system on only while blank, and hold no boot up", async () => {
    expect(await evaluate(flake.host("db", "config.fileSystems", withVolume(data)))).toEqual({
      "/srv/my-data": {
        device: "/dev/disk/by-id/scsi-0HC_Volume_7",
        fsType: "ext4",
        autoFormat: true,
        autoResize: true,
        options: ["nofail", "x-systemd.device-timeout=30s"],
      },
    });
    expect(await evaluate(flake.host("web", "config.fileSystems", withVolume("{ }")))).toEqual({});
  });

  test("are mounted when they are attached, and bring the services that need them", async () => {
    const rules = await evaluate(flake.host("db", "config.services.udev.extraRules", withVolume(data)));
    expect(rules).toBe(
      'SUBSYSTEM=="block", ENV{DEVLINKS}=="*scsi-0HC_Volume_7*", TAG+="systemd", ENV{SYSTEMD_WANTS}+="srv-my\\x2ddata.mount"\n',
    );
    const unit = "srv-my\\x2ddata.mount";
    expect(await evaluate(flake.host("db", "config.systemd.services.postgresql", withVolume(data)))).toEqual({
      requires: [unit],
      after: [unit],
      wantedBy: [unit],
    });
  });

  test("of a server that is not there yet make only hosts wait that mount them", async () => {
    const unknown = 'throw "no volume yet"';
    expect(
      await evaluationError(flake.host("db", "config.fileSystems", withVolume(data, unknown))),
    ).toContain("no volume yet");
    expect(await evaluate(flake.host("db", "config.fileSystems", withVolume("{ }", unknown)))).toEqual({});
  });

  test.each([
    ['{ logs.mountPoint = "/srv/logs"; }', "the stack gives host `db` no volume of this name"],
    ['{ data.mountPoint = "/var/lib"; }', "`/var/lib` is mounted before a volume is there"],
  ])("are refused: %s", async (settings, message) => {
    expect(await evaluate(flake.host("db", "failed", withVolume(settings)))).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test.each(["srv", "/", "/srv/", "/srv/a b", "/srv/.."])("cannot be mounted at %j", async (mountPoint) => {
    const settings = `{ data.mountPoint = "${mountPoint}"; }`;
    expect(await evaluationError(flake.host("db", "config.fileSystems", withVolume(settings)))).toContain(
      "mountPoint' is not of type",
    );
  });
});

import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { traitsSchema } from "../../../model/protocol/connection.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { must } from "../../harness/machines/must.ts";
import { createWorkspace, evaluateKnown, type Workspace } from "./workspace.ts";

const program = path.resolve(import.meta.dirname, "../../../runtime/nix/evaluation/wrapper/traits.nix");

interface Settings {
  readonly loader?: object;
  readonly ssh?: object;
  readonly firewall?: object;
  readonly users?: object;
  readonly sudo?: object;
  readonly initrd?: object;
  readonly fileSystems?: object;
}

/** Traits of a configuration in NixOS' shape: GRUB on a disk, SSH open, a key for root, and what is given instead. */
async function traits({ loader, ssh, firewall, users, sudo, initrd, fileSystems }: Settings) {
  const root = { openssh: { authorizedKeys: { keys: ["ssh-ed25519 AAAA"], keyFiles: [] } } };
  const configuration = {
    boot: {
      loader: loader ?? { grub: { enable: true, efiSupport: true, devices: ["/dev/sda"] } },
      initrd: { systemd: initrd ?? { enable: true, services: {} } },
    },
    fileSystems: fileSystems ?? {},
    services: { openssh: { enable: true, ports: [22], ...ssh } },
    networking: { firewall: { enable: true, allowedTCPPorts: [22], trustedInterfaces: ["lo"], ...firewall } },
    users: { users: users ?? { root } },
    security: { sudo: { enable: true, wheelNeedsPassword: false, extraRules: [{}, {}], ...sudo } },
  };
  const expression = `import ${program} (builtins.fromJSON (builtins.getEnv "CONFIGURATION"))`;
  const env = { ...nixEnvironment(), CONFIGURATION: JSON.stringify(configuration) };
  const json = await must("nix", nixArguments("eval", "--impure", "--json", "--expr", expression), { env });
  return traitsSchema.parse(JSON.parse(json));
}

test("names the file systems on devices that it does not start without", async () => {
  const fileSystem = (mountPoint: string, changes: object = {}) => ({
    mountPoint,
    device: "/dev/sda1",
    fsType: "ext4",
    options: ["defaults"],
    neededForBoot: false,
    ...changes,
  });
  const all = [
    fileSystem("/"),
    fileSystem("/boot/efi", { device: "/dev/disk/by-label/ESP", fsType: "vfat", options: ["umask=0077"] }),
    fileSystem("/archive", { options: ["nofail"] }),
    fileSystem("/sometimes", { options: ["noauto"] }),
    fileSystem("/tmp", { device: "tmpfs", fsType: "tmpfs" }),
    fileSystem("/unknown", { device: null }),
  ];
  const known = await traits({ fileSystems: Object.fromEntries(all.map((one) => [one.mountPoint, one])) });
  expect(known.fileSystems).toEqual([
    { mountPoint: "/", device: "/dev/sda1", fsType: "ext4" },
    { mountPoint: "/boot/efi", device: "/dev/disk/by-label/ESP", fsType: "vfat" },
  ]);
});

test.each<[string, object, boolean]>([
  ["systemd's initial RAM disk", { enable: true, services: {} }, false],
  ["systemd's initial RAM disk with our service", { enable: true, services: { lustrate: {} } }, true],
  ["the scripted one", { enable: false, services: {} }, true],
])("whether %s moves an old system away", async (_, initrd, lustrates) => {
  expect((await traits({ initrd })).lustrates).toBe(lustrates);
});

describe("firmware", () => {
  test.each<[string, object, readonly string[] | null]>([
    [
      "GRUB on a disk, with EFI",
      { grub: { enable: true, efiSupport: true, devices: ["/dev/sda"] } },
      ["bios", "uefi"],
    ],
    ["GRUB on a disk", { grub: { enable: true, devices: ["/dev/sda"] } }, ["bios"]],
    ["GRUB on no disk", { grub: { enable: true, efiSupport: true, devices: ["nodev"] } }, ["uefi"]],
    [
      "GRUB on a mirror's disk",
      {
        grub: {
          enable: true,
          devices: [],
          mirroredBoots: [{ devices: ["nodev"] }, { devices: ["/dev/sdb"] }],
        },
      },
      ["bios"],
    ],
    ["systemd-boot", { grub: { enable: false }, "systemd-boot": { enable: true } }, ["uefi"]],
    ["another boot loader", { grub: { enable: false } }, null],
  ])("%s", async (_name, loader, firmware) => {
    expect((await traits({ loader })).firmware).toEqual(firmware);
  });
});

describe("SSH", () => {
  test.each<[string, Settings, object]>([
    ["as it is", {}, { enable: true, ports: [22], open: [22], users: ["root"] }],
    ["off", { ssh: { enable: false } }, { enable: false }],
    ["behind a firewall that is shut", { firewall: { allowedTCPPorts: [80] } }, { open: [] }],
    ["without a firewall", { firewall: { enable: false, allowedTCPPorts: [] } }, { open: [22] }],
    ["on another port", { ssh: { ports: [22, 2222] } }, { ports: [22, 2222], open: [22] }],
    [
      "in an open range, ends included",
      { firewall: { allowedTCPPorts: [], allowedTCPPortRanges: [{ from: 20, to: 22 }] } },
      { open: [22] },
    ],
    [
      "beside an open range",
      { firewall: { allowedTCPPorts: [], allowedTCPPortRanges: [{ from: 23, to: 30 }] } },
      { open: [] },
    ],
    [
      "open on one interface",
      { firewall: { allowedTCPPorts: [], interfaces: { eth0: { allowedTCPPorts: [22] } } } },
      { open: [22] },
    ],
    [
      "under rules of one's own",
      { firewall: { allowedTCPPorts: [], extraInputRules: "accept" } },
      { open: null },
    ],
    [
      "under commands of one's own",
      { firewall: { allowedTCPPorts: [], extraCommands: "x" } },
      { open: null },
    ],
    ["behind a trusted interface", { firewall: { trustedInterfaces: ["lo", "tailscale0"] } }, { open: null }],
    [
      "with keys in files",
      { users: { ada: { openssh: { authorizedKeys: { keyFiles: ["/k"] } } } } },
      { users: ["ada"] },
    ],
    [
      "without keys",
      { users: { ada: {}, root: { openssh: { authorizedKeys: { keys: [] } } } } },
      { users: [] },
    ],
    ["with keys from a program", { ssh: { authorizedKeysCommand: "/bin/keys" } }, { users: null }],
  ])("%s", async (_name, settings, ssh) => {
    expect((await traits(settings)).ssh).toMatchObject(ssh);
  });
});

describe("whom SSH shuts out although they have a key", () => {
  const key = { openssh: { authorizedKeys: { keys: ["ssh-ed25519 AAAA"] } } };
  const users = { root: key, ada: key, bob: {} };
  test.each<[object, readonly string[] | null]>([
    [{}, []],
    [{ PermitRootLogin: "prohibit-password" }, []],
    [{ PermitRootLogin: "no" }, ["root"]],
    [{ PermitRootLogin: "forced-commands-only" }, ["root"]],
    [{ AllowUsers: ["root"] }, ["ada"]],
    [{ AllowUsers: "root\tada" }, []],
    [{ AllowUsers: null, DenyUsers: ["ada", "bob"] }, ["ada"]],
    [{ PubkeyAuthentication: false }, ["ada", "root"]],
    [{ AllowUsers: ["ad*"] }, null],
    [{ DenyUsers: ["ada@198.51.100.1"] }, null],
    [{ AllowGroups: ["wheel"] }, null],
    [{ DenyGroups: ["wheel"] }, null],
  ])("%j", async (settings, refused) => {
    expect((await traits({ users, ssh: { settings } })).ssh.refused).toEqual(refused);
  });
});

describe("who may become root without a password", () => {
  const users = { root: {}, ada: { extraGroups: ["wheel"] }, bob: { extraGroups: ["users"] } };
  test.each<[object, readonly string[] | null]>([
    [{}, ["root", "ada"]],
    [{ wheelNeedsPassword: true }, ["root"]],
    [{ enable: false }, ["root"]],
    [{ extraRules: [{}, {}, {}] }, null],
    [{ extraConfig: "x" }, null],
  ])("%j", async (sudo, administrators) => {
    expect((await traits({ users, sudo })).administrators).toEqual(administrators);
  });
});

describe("evaluation of a host", () => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = createWorkspace({ git: false });
  });
  afterAll(() => workspace.remove());

  test("tells its traits and its disk layout, and keeps them in the cache", async () => {
    const first = await evaluateKnown(workspace, {});
    expect(first.system.traits).toEqual({
      diskKeys: { files: [], prompts: [] },
      fileSystems: [],
      lustrates: false,
      firmware: ["bios", "uefi"],
      ssh: { enable: true, ports: [22], open: [22], users: ["root"], refused: [] },
      administrators: null,
      openPorts: {
        enable: true,
        everywhere: {
          tcp: expect.arrayContaining([
            { from: 22, to: 22 },
            { from: 80, to: 80 },
          ]),
          udp: [],
        },
        interfaces: {},
      },
    });
    expect(first.system.diskLayout?.tree["disk"]).toMatchObject({
      main: { device: "/dev/sda", content: { partitions: { boot: { position: 1, type: "EF02" } } } },
    });
    const again = await evaluateKnown(workspace, {});
    expect([again.cached, again.system]).toEqual([true, first.system]);
  });
  test("a mount option changes the system and not the layout; a size changes the layout", async () => {
    const before = await evaluateKnown(workspace, {});
    workspace.edit(
      "hosts/web/disko.nix",
      'mountpoint = "/";',
      'mountpoint = "/"; mountOptions = [ "noatime" ];',
    );
    const mounted = await evaluateKnown(workspace, {});
    expect(mounted.system.disko).not.toBe(before.system.disko);
    expect(mounted.system.diskLayout).toEqual(before.system.diskLayout);
    workspace.edit("hosts/web/disko.nix", 'size = "16M"', 'size = "32M"');
    const resized = await evaluateKnown(workspace, {});
    expect(resized.system.diskLayout?.hash).not.toBe(before.system.diskLayout?.hash);
  });
});

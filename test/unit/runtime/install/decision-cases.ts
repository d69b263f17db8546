/** Machines, records and intents that the tests of decisions start from. */

import type { HostIdentity } from "../../../../model/protocol/install.ts";
import type { InstallRecord } from "../../../../runtime/install/machine/install-record.ts";
import type { Found, MachineFacts } from "../../../../runtime/install/machine/machine-facts.ts";
import type { Intent } from "../../../../runtime/install/machine/wipe-guard.ts";

export const absent = { state: "absent" } as const;
export const present = <T>(value: T): Found<T> => ({ state: "present", value });
export const unreadable = { state: "unreadable", why: "it is not valid JSON" } as const;

export const intent: Intent = {
  stack: "fleet/prod",
  host: "web",
  aliases: ["www"],
  provider: "hetzner",
  reinstall: null,
  wipe: false,
  acceptDiskLayout: false,
  bootstrapHostKey: "ssh-ed25519 AAAA",
  system: {
    toplevel: "/nix/store/a-system",
    disko: "/nix/store/a-disko",
    diskLayout: { hash: "a".repeat(64), tree: { disk: { main: { device: "/dev/sda" } } } },
  },
};
export const stock: MachineFacts = {
  bootId: "0b8c1f0e-8b39-4b06-a7a7-6f0a0a6f3a01",
  os: "debian",
  installer: false,
  architecture: "x86_64",
  root: true,
  system: null,
  mounted: false,
  identity: absent,
  record: absent,
  diskRecord: absent,
  memory: 4 * 1024 ** 3,
  firmware: "bios",
  clock: 1_800_000_000,
  home: { path: "/root", free: 30 * 1024 ** 3 },
  network: null,
  devices: [{ name: "/dev/sda", kind: "disk", path: "/dev/sda" }],
  volumes: [],
  marks: [],
  disks: [{ path: "/dev/sda", bytes: 40 * 1024 ** 3, content: null }],
  partitions: [{ path: "/dev/sda1", bytes: 39 * 1024 ** 3, content: "ext4" }],
  leftovers: [],
};
export const identity: HostIdentity = {
  version: 1,
  stack: "fleet/prod",
  host: "web",
  installId: "i",
  reinstall: null,
};
export const nixos: MachineFacts = { ...stock, os: "nixos", system: "/nix/store/a-system" };
export const installer: MachineFacts = { ...nixos, installer: true, system: null };
export const record: InstallRecord = {
  version: 1,
  stack: "fleet/prod",
  host: "web",
  reinstall: null,
  installId: "i",
  toplevel: "/nix/store/a-system",
  disko: "/nix/store/a-disko",
  done: ["disko", "identity", "install"],
};

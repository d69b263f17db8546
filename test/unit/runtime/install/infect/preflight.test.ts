import { expect, test } from "vitest";
import type { InstallSpec } from "../../../../../model/protocol/install.ts";
import { type InfectFacts, parseInfectFacts } from "../../../../../runtime/install/infect/facts.ts";
import { diskSpaceErrors, infectPreflightErrors } from "../../../../../runtime/install/infect/preflight.ts";

const mebibyte = 1024 ** 2;
const report = (...lines: string[]) =>
  [
    "record absent",
    "device /dev/disk/by-label/root /dev/sda1 ext4",
    "device /dev/sda15 /dev/sda15 vfat",
    "root /dev/sda1",
    "free 1000",
    "store root",
    "nix absent",
    ...lines,
    "end infect-facts",
    "",
  ].join("\n");
const facts: InfectFacts = parseInfectFacts(report());
const seen = { architecture: "x86_64", root: true, firmware: "bios" } as const;
const traits = {
  diskKeys: { files: [], prompts: [] },
  fileSystems: [
    { mountPoint: "/", device: "/dev/disk/by-label/root", fsType: "ext4" },
    { mountPoint: "/boot/efi", device: "/dev/sda15", fsType: "vfat" },
  ],
  lustrates: true,
  firmware: ["bios", "uefi"],
  ssh: { enable: true, ports: [22], open: [22], users: ["root"], refused: null },
  administrators: ["root"],
  openPorts: { enable: true, everywhere: { tcp: [{ from: 22, to: 22 }], udp: [] }, interfaces: {} },
};
const check = (changes: object = {}, about: Partial<InfectFacts> = {}, at: object = {}) =>
  infectPreflightErrors({ ...seen, ...at }, { ...facts, ...about }, {
    system: { platform: "x86_64-linux", traits: { ...traits, ...changes } },
    connection: { user: "root", port: 22 },
  } as unknown as InstallSpec);

test("finds nothing where nothing is wrong", () => {
  expect(check()).toEqual([]);
});

test.each([
  ["the architecture", {}, {}, { architecture: "aarch64" }, /built for x86_64-linux, the machine is aarch64/],
  ["no root", {}, {}, { root: false }, /may not become root/],
  ["missing programs", {}, { lacks: ["tar", "findmnt"] }, {}, /lacks tar, findmnt/],
  ["a Nix of its own", {}, { nix: true }, {}, /a Nix store of its own/],
  ["a store elsewhere", {}, { storeOnRoot: false }, {}, /\/nix is a file system of its own/],
  ["the boot loader", { firmware: ["uefi"] }, {}, {}, /boots by BIOS/],
  ["a lock-out", { ssh: { ...traits.ssh, enable: false } }, {}, {}, /^lock-out/],
  ["an initial RAM disk that moves nothing", { lustrates: false }, {}, {}, /nixosModules\.lustrate/],
  ["no root file system", { fileSystems: [] }, {}, {}, /has no fileSystems\."\/" on a device.*\/dev\/sda1/],
  [
    "another root",
    {},
    { root: "/dev/sdb1" },
    {},
    /by-label\/root \(\/dev\/sda1\), and the machine's root is \/dev\/sdb1/,
  ],
  [
    "another file system",
    { fileSystems: [{ ...traits.fileSystems[0], fsType: "xfs" }] },
    {},
    {},
    /is xfs, and \/dev\/disk\/by-label\/root holds ext4/,
  ],
])("%s", (_, changes, about, at, error) => {
  const errors = check(changes, about, at);
  expect(errors).toEqual([expect.stringMatching(error)]);
});

test("a missing device is named with its mount point", () => {
  const devices = facts.devices.map((device) =>
    device.name === "/dev/sda15" ? { ...device, path: null } : device,
  );
  expect(check({}, { devices })).toEqual([
    'fileSystems."/boot/efi" is /dev/sda15, and the machine has no such device',
  ]);
});

test("a store that an interrupted take-over has filled is no Nix of its own", () => {
  const record = {
    state: "present",
    value: { version: 1, stack: "p/s", host: "web", installId: "i" },
  } as const;
  expect(check({}, { nix: true, record })).toEqual([]);
});

test("room is wanted for what is missing and some more", () => {
  expect(diskSpaceErrors({ free: 1200 * mebibyte }, 1000 * mebibyte)).toEqual([]);
  expect(diskSpaceErrors({ free: 1200 * mebibyte - 1 }, 1000 * mebibyte)).toEqual([
    expect.stringContaining("left for the store"),
  ]);
});

test("a report is read to its end", () => {
  const record = Buffer.from('{"version":1,"stack":"p/s","host":"web","installId":"i"}').toString("base64");
  expect(
    parseInfectFacts(report("lacks tar").replace("record absent", `record present ${record}`)),
  ).toMatchObject({
    record: { state: "present", value: { host: "web" } },
    devices: [{ path: "/dev/sda1", content: "ext4" }, { name: "/dev/sda15" }],
    lacks: ["tar"],
    free: 1000,
    storeOnRoot: true,
    nix: false,
  });
  expect(parseInfectFacts(report("device /dev/x - none")).devices[2]).toEqual({
    name: "/dev/x",
    path: null,
    content: null,
  });
});

test.each([
  ["an end", report().replace("end infect-facts\n", ""), /incomplete/],
  ["only known lines", report("surprise"), /unknown line: surprise/],
  ["one root", report("root /dev/sdb"), /2 lines "root"/],
  ["a known state", report().replace("record absent", "record perhaps"), /unknown state/],
])("a report needs %s", (_, text, message) => {
  expect(() => parseInfectFacts(text)).toThrow(message);
});

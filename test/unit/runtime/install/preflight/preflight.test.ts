import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { DiskLayout, DiskTree } from "../../../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../../../model/protocol/install.ts";
import type { MachineFacts } from "../../../../../runtime/install/machine/machine-facts.ts";
import type { Network } from "../../../../../runtime/install/machine/network.ts";
import { bootModeErrors } from "../../../../../runtime/install/preflight/boot-mode.ts";
import {
  diskSpaceErrors,
  type Here,
  isUploaded,
  preflight,
  tarballSize,
} from "../../../../../runtime/install/preflight/preflight.ts";
import { stock } from "../decision-cases.ts";
import { loopback, network, own } from "../network-cases.ts";
import { traits } from "../system-cases.ts";

const mebibyte = 1024 ** 2;
const layout = (disk: DiskTree): DiskLayout => ({ hash: "a".repeat(64), tree: { disk } });
const gpt = (...types: string[]) => ({
  device: "/dev/sda",
  content: { kind: "gpt", partitions: Object.fromEntries(types.map((type) => [type, { type }])) },
});
const wanted = {
  system: {
    platform: "x86_64-linux",
    disko: "/nix/store/d",
    diskLayout: layout({ main: gpt("EF02", "EF00") }),
    traits,
  },
  connection: { user: "root", port: 22 },
  kexecTarball: null,
  diskKeys: {},
};
const here: Here = { now: stock.clock + 5, tarball: "unknown" };
type Wanted = Omit<typeof wanted, "system" | "kexecTarball"> & {
  system: Pick<InstallSpec["system"], "platform" | "disko" | "diskLayout" | "traits">;
  kexecTarball: string | null;
};
const check = (seen: Partial<MachineFacts>, changes: Partial<Wanted> = {}, at: Here = here) =>
  preflight({ ...stock, network, ...seen }, { ...wanted, ...changes } as InstallSpec, at);

test("finds nothing where nothing is wrong", () => {
  expect(check({ network })).toEqual({ errors: [], warnings: [] });
});

test("lists all errors at once", () => {
  const { errors } = check(
    { root: false, memory: 512 * mebibyte, home: { path: "/root", free: 0 }, firmware: "uefi" },
    {
      system: {
        ...wanted.system,
        platform: "aarch64-linux",
        disko: null,
        diskLayout: null,
        traits: { ...traits, firmware: ["bios"], ssh: { ...traits.ssh, enable: false, users: [] } },
      },
      connection: { user: "admin", port: 22 },
    },
  );
  expect(errors).toEqual([
    "the system is built for aarch64-linux, the machine is x86_64",
    expect.stringContaining('"admin" may not become root'),
    expect.stringContaining("no disk layout"),
    expect.stringMatching(/has 512 MiB of RAM.*takes 900 MiB/),
    expect.stringContaining("boots by UEFI"),
    expect.stringContaining("/root on the machine has 0 B left: the installer's tarball takes 450 MiB"),
    "lock-out: the system has no SSH (services.openssh.enable)",
    'lock-out: the system has no authorized key for user "admin" (users.users.admin.openssh.authorizedKeys.keys)',
    expect.stringMatching(/^lock-out: user "admin" may not become root there without a password/),
  ]);
});

test.each([
  [900, []],
  [899, [expect.stringContaining("899 MiB")]],
])("%i MiB of RAM", (size, errors) => {
  expect(check({ memory: size * mebibyte }).errors).toEqual(errors);
});

describe("the network", () => {
  const lost = { ...network, contact: "198.51.100.9", interfaces: [{ ...loopback, addresses: [own] }] };
  test("that the installer would not have is an error", () => {
    expect(check({ network: lost }).errors).toEqual([expect.stringContaining("of the loopback interface")]);
  });
  test("is no matter any more in the installer", () => {
    expect(check({ network: lost, installer: true })).toEqual({ errors: [], warnings: [] });
  });
  test("that cannot be told is a warning", () => {
    expect(check({ network: null })).toEqual({
      errors: [],
      warnings: [expect.stringContaining("cannot report its network")],
    });
  });
});

test("a system that is larger than the disks of its layout", () => {
  const seen = {
    devices: [
      { name: "/dev/disk/by-id/a", kind: "disk" as const, path: "/dev/sda" },
      { name: "/dev/sda", kind: "disk" as const, path: "/dev/sda" },
      { name: "/dev/sdb", kind: "disk" as const, path: "/dev/sdb" },
      { name: "/dev/dm-0", kind: "disk" as const, path: "/dev/dm-0" },
    ],
    disks: [
      { path: "/dev/sda", bytes: 300, content: null },
      { path: "/dev/sdb", bytes: 200, content: null },
    ],
  };
  const both = ["/dev/disk/by-id/a", "/dev/sda", "/dev/sdb"];
  expect(diskSpaceErrors(seen, both, 500)).toEqual([]);
  expect(diskSpaceErrors(seen, both, 501)).toEqual([
    "the system takes 501 B, and the disks of its layout have 500 B altogether",
  ]);
  expect(diskSpaceErrors(seen, ["/dev/sda"], 301)).toHaveLength(1);
  expect(diskSpaceErrors(seen, ["/dev/sda", "/dev/dm-0"], 301)).toEqual([]);
  expect(diskSpaceErrors(seen, [], 301)).toEqual([]);
});

describe("devices", () => {
  const device = (changes: Partial<MachineFacts["devices"][number]>) => ({
    devices: [{ name: "/dev/sda", kind: "disk" as const, path: "/dev/sda", ...changes }],
  });
  test.each([
    ["missing", null, "wants /dev/sda, and the machine has no such device"],
    ["no-device", "/etc/sda", "wants /dev/sda (/etc/sda), which is not a block device"],
    ["partition", "/dev/vda1", "wants /dev/sda (/dev/vda1) as a disk, and it is a partition"],
    ["read-only", "/dev/sda", "wants /dev/sda, which cannot be written"],
  ] as const)("%s", (kind, found, error) => {
    expect(check(device({ kind, path: found })).errors).toEqual([`the disk layout ${error}`]);
  });
  test("a cloud volume is never formatted, whatever name it has", () => {
    const seen = { ...device({ path: "/dev/sdb" }), volumes: ["/dev/sdb", "/dev/sdb1"] };
    expect(check(seen).errors).toEqual([expect.stringContaining("/dev/sda (/dev/sdb), a cloud volume")]);
  });
  test("two names of one disk", () => {
    const name = "/dev/disk/by-id/x";
    const seen = {
      devices: [...device({}).devices, { name, kind: "disk" as const, path: "/dev/sda" }],
    };
    const both = { main: gpt("EF02"), other: { ...gpt(), device: name } };
    expect(check(seen, { system: { ...wanted.system, diskLayout: layout(both) } }).errors).toEqual([
      "the disk layout names one disk twice: /dev/sda and /dev/disk/by-id/x",
    ]);
  });
  test("a device nobody asked the machine for is a bug of ours", () => {
    expect(() => check({ devices: [] })).toThrow("was not asked for /dev/sda");
  });
});

describe("boot mode", () => {
  const errors = (
    firmware: "bios" | "uefi",
    disk: DiskTree[string],
    startedBy: (typeof traits)["firmware"],
    architecture = "x86_64",
  ) =>
    bootModeErrors(
      { firmware, architecture },
      { diskLayout: layout({ main: disk }), traits: { ...traits, firmware: startedBy } },
    );
  test("a hybrid layout and boot loader start everywhere", () => {
    for (const firmware of ["bios", "uefi"] as const)
      expect(errors(firmware, gpt("EF02", "EF00"), ["bios", "uefi"])).toEqual([]);
  });
  test.each([
    ["bios", ["EF00"], ["uefi"], ["boots by BIOS, and the system's boot loader cannot", "EF02"]],
    ["bios", ["EF00"], ["bios", "uefi"], ["EF02"]],
    ["uefi", ["EF02"], ["bios"], ["boots by UEFI, and the system's boot loader cannot", "EF00"]],
    ["uefi", ["EF02"], ["bios", "uefi"], ["EF00"]],
  ] as const)("%s with %j and a loader for %j", (firmware, types, startedBy, expected) => {
    expect(errors(firmware, gpt(...types), [...startedBy])).toEqual(
      expected.map((text) => expect.stringContaining(text)),
    );
  });
  test("where it cannot be told, nothing is refused", () => {
    expect(errors("bios", gpt("EF00"), null)).toEqual([]);
    expect(
      errors("bios", { device: "/dev/sda", content: { kind: "table", partitions: [] } }, ["bios"]),
    ).toEqual([]);
    expect(errors("bios", gpt("EF00"), ["uefi"], "aarch64")).toEqual([]);
    expect(
      bootModeErrors({ firmware: "bios", architecture: "x86_64" }, { diskLayout: null, traits: null }),
    ).toEqual([]);
  });
});

describe("the installer's tarball", () => {
  const home = (free: number) => ({ home: { path: "/home/ada", free } });
  test("has to fit packed and unpacked", () => {
    const at = { ...here, tarball: 100 };
    expect(check(home(200), {}, at).errors).toEqual([]);
    expect(check(home(199), {}, at).errors).toEqual([
      "/home/ada on the machine has 199 B left: the installer's tarball takes 200 B",
    ]);
  });
  test("from the network has to fit unpacked, and packed too where it is uploaded", () => {
    const only6 = {
      ...network,
      defaults: network.defaults.filter(({ family }) => family === "inet6"),
    };
    const fits = (size: number, known: Network) => check({ ...home(size * mebibyte), network: known }).errors;
    expect(fits(450, network)).toEqual([]);
    expect(fits(449, network)).toHaveLength(1);
    expect(fits(900, only6)).toEqual([]);
    expect(fits(899, only6)).toEqual([expect.stringContaining("takes 900 MiB")]);
    expect(isUploaded({ network: only6 }, null)).toBe(true);
    expect(isUploaded({ network }, "https://h/x.tar.gz")).toBe(false);
    expect(isUploaded({ network }, "/k.tar.gz")).toBe(true);
  });
  test("is not needed in the installer; a rescue system has room and network of its own", () => {
    expect(check({ ...home(0), installer: true }).errors).toEqual([]);
    expect(check({ ...home(0), network: null }, {}, { ...here, throughRescue: true })).toEqual(check({}));
  });
  test("has to exist here", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "tarball-"));
    const file = path.join(folder, "kexec.tar.gz");
    writeFileSync(file, "12345");
    expect(await tarballSize(file)).toBe(5);
    rmSync(folder, { recursive: true });
    expect(await tarballSize(file)).toBe("absent");
    for (const url of [null, "http://h/x.tar.gz", "https://h/x.tar.gz"])
      expect(await tarballSize(url)).toBe("unknown");
    const { errors } = check({}, { kexecTarball: file }, { ...here, tarball: "absent", throughRescue: true });
    expect(errors).toEqual([`the kexec tarball ${file} does not exist on this machine`]);
  });
});

test.each([
  [600, 0, ""],
  [-600, 0, ""],
  [601, 1, "10 minutes behind"],
  [-7200, 1, "2.0 hours ahead"],
])("a clock %i s behind ours", (behind, count, text) => {
  const { errors, warnings } = check({}, {}, { ...here, now: stock.clock + behind });
  expect(errors).toEqual([]);
  expect(warnings).toHaveLength(count);
  expect(warnings.join()).toContain(text);
});

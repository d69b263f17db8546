import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { parseMachineFacts } from "../../../../../runtime/install/machine/machine-facts.ts";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const identity = { version: 1, stack: "s", host: "web", installId: "i", reinstall: null };
const report = (changes: Record<string, string | null> = {}, more: string[] = []) => {
  const lines: Record<string, string | null> = {
    "boot-id": "0b8c1f0e-8b39-4b06-a7a7-6f0a0a6f3a01",
    os: "nixos",
    variant: "installer",
    architecture: "x86_64",
    uid: "0",
    mounted: "no",
    identity: "absent",
    record: "absent",
    disks: "absent",
    memory: "4000",
    firmware: "uefi",
    clock: "1800000000",
    home: "700 /root",
    contact: "198.51.100.9",
    networkd: "none",
    addresses: `present ${base64(JSON.stringify([{ ifname: "eth0", link_type: "ether" }]))}`,
    routes4: `present ${base64("[]")}`,
    routes6: `present ${base64("[]")}`,
    ...changes,
  };
  const shown = Object.entries(lines).filter(([, value]) => value !== null);
  return `${[...shown.map(([name, value]) => `${name} ${value}`), ...more, "end inspect-machine"].join("\n")}\n`;
};

test("a whole report is read", () => {
  const text = report({ identity: `present ${base64(JSON.stringify(identity))}`, system: "/nix/store/x" }, [
    "disk /dev/sda 1000 none",
    "partition /dev/sda1 500 ext4",
    "leftover 12 nixos-install",
    "device /dev/disk/by-id/x disk /dev/sda",
    "device /dev/gone missing -",
    "volume /dev/sdb",
    "volume /dev/sdb1",
    "mark disk-main-root /dev/sda3",
  ]);
  expect(parseMachineFacts(text)).toEqual({
    bootId: "0b8c1f0e-8b39-4b06-a7a7-6f0a0a6f3a01",
    os: "nixos",
    installer: true,
    architecture: "x86_64",
    root: true,
    system: "/nix/store/x",
    mounted: false,
    identity: { state: "present", value: identity },
    record: { state: "absent" },
    diskRecord: { state: "absent" },
    memory: 4000,
    firmware: "uefi",
    clock: 1_800_000_000,
    home: { path: "/root", free: 700 },
    network: {
      contact: "198.51.100.9",
      networkd: null,
      interfaces: [{ name: "eth0", loopback: false, kind: null, hardwareAddress: null, addresses: [] }],
      defaults: [],
    },
    devices: [
      { name: "/dev/disk/by-id/x", kind: "disk", path: "/dev/sda" },
      { name: "/dev/gone", kind: "missing", path: null },
    ],
    volumes: ["/dev/sdb", "/dev/sdb1"],
    marks: [{ name: "disk-main-root", path: "/dev/sda3" }],
    disks: [{ path: "/dev/sda", bytes: 1000, content: null }],
    partitions: [{ path: "/dev/sda1", bytes: 500, content: "ext4" }],
    leftovers: ["12 nixos-install"],
  });
});

test.each([
  ["variant", "", "os", "nixos"],
  ["variant", "installer", "os", "debian"],
])("%s=%j with %s=%s is not an installer", (a, x, b, y) => {
  expect(parseMachineFacts(report({ [a]: x, [b]: y })).installer).toBe(false);
});

test.each([
  ["unreadable", "it may not be read"],
  [`present ${base64("{")}`, "it is not valid JSON"],
  ["present", "it is not valid JSON"],
  [`present ${base64(JSON.stringify({ ...identity, version: 2 }))}`, "version"],
  [`present ${base64(JSON.stringify({ ...identity, more: 1 }))}`, "Unrecognized key"],
])("identity %s is unreadable", (line, why) => {
  expect(parseMachineFacts(report({ identity: line })).identity).toEqual({
    state: "unreadable",
    why: expect.stringContaining(why),
  });
});

test.each([
  ["a cut report", report().replace("end inspect-machine\n", "")],
  ["a missing line", report({ os: null })],
  ["a line twice", report({}, ["os debian"])],
  ["an unknown line", report({}, ["surprise 1"])],
  ["an unknown state", report({ identity: "maybe" })],
  ["no boot id", report({ "boot-id": "x" })],
  ["a disk without a size", report({}, ["disk /dev/sda x none"])],
  ["no figure for the memory", report({ memory: "" })],
  ["another firmware", report({ firmware: "coreboot" })],
  ["no figure for the free space", report({ home: " /root" })],
  ["a device of an unknown kind", report({}, ["device /dev/sda tape /dev/sda"])],
  ["a mark that is none of disko's", report({}, ["mark root /dev/sda1"])],
  ["nothing", ""],
])("%s is an error", (_name, text) => {
  expect(() => parseMachineFacts(text)).toThrow();
});

test("the real guard's report of this machine is understood", () => {
  const guard = (...args: string[]) =>
    parseMachineFacts(
      execFileSync("sh", [remoteScriptPath("install/inspect-machine"), ...args], { encoding: "utf8" }),
    );
  const folder = mkdtempSync(path.join(tmpdir(), "guard-"));
  try {
    const record = path.join(folder, "disks.json");
    const link = path.join(folder, "link");
    const layout = { hash: "a".repeat(64), tree: { disk: { main: { device: "/dev/sda" } } } };
    writeFileSync(record, JSON.stringify({ version: 1, layout }));
    symlinkSync(record, link);
    const seen = guard("/nonexistent", "/nonexistent", record, "/nonexistent", link);
    expect(seen.architecture).toBe(execFileSync("uname", ["-m"], { encoding: "utf8" }).trim());
    expect(seen.identity).toEqual({ state: "absent" });
    expect(seen.diskRecord).toEqual({ state: "present", value: { version: 1, layout } });
    expect(seen.devices).toEqual([
      { name: "/nonexistent", kind: "missing", path: null },
      { name: link, kind: "no-device", path: record },
    ]);
    expect(Math.abs(seen.clock - Date.now() / 1000)).toBeLessThan(60);
    expect(seen.memory).toBe(totalmem());
    expect(seen.home.free).toBeGreaterThan(0);
    expect(seen.firmware).toBe(existsSync("/sys/firmware/efi") ? "uefi" : "bios");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

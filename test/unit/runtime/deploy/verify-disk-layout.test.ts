import { describe, expect, test } from "vitest";
import type { HostSystem } from "../../../../model/protocol/connection.ts";
import type { Goal } from "../../../../model/protocol/deploy.ts";
import { checkDisks } from "../../../../runtime/deploy/verify-disk-layout.ts";

const layout = (device: string) => ({ hash: "a".repeat(64), tree: { disk: { main: { device } } } });
const spec = (device: string | null, acceptDiskLayout = false, goal: Goal = "switch") => ({
  host: "web",
  acceptDiskLayout,
  goal,
  system: { diskLayout: device === null ? null : layout(device) } as HostSystem,
});
const recorded = (device: string) =>
  ({ kind: "read", value: { version: 1, layout: layout(device) } }) as const;
const absent = { kind: "absent" } as const;
const unreadable = { kind: "unreadable", text: "{" } as const;

describe("before a deployment", () => {
  test("the layout of the disks is left alone", () => {
    expect(checkDisks(spec("/dev/sda"), recorded("/dev/sda"))).toBe(false);
    expect(checkDisks(spec("/dev/sda", true), recorded("/dev/sda"))).toBe(false);
  });
  test("another one is refused by path, with the ways out", () => {
    expect(() => checkDisks(spec("/dev/sdb"), recorded("/dev/sda"))).toThrow(
      /^web: disk layout failed: .*\n {4}disk\.main\.device: "\/dev\/sda" → "\/dev\/sdb"\n.*reinstall: .*acceptDiskLayout: true/s,
    );
    expect(() => checkDisks(spec("/dev/sdb", false, "dry-activate"), recorded("/dev/sda"))).toThrow();
  });
  test("an accepted one is to be recorded, but not by a trial", () => {
    expect(checkDisks(spec("/dev/sdb", true), recorded("/dev/sda"))).toBe(true);
    expect(checkDisks(spec("/dev/sdb", true, "dry-activate"), recorded("/dev/sda"))).toBe(false);
  });
  test("a host without a record gets one", () => {
    expect(checkDisks(spec("/dev/sda"), absent)).toBe(true);
    expect(checkDisks(spec("/dev/sda", false, "dry-activate"), absent)).toBe(false);
  });
  test("a record that cannot be read is refused unless the layout is accepted", () => {
    expect(() => checkDisks(spec("/dev/sda"), unreadable)).toThrow("cannot be understood: {");
    expect(checkDisks(spec("/dev/sda", true), unreadable)).toBe(true);
  });
  test("a system without a layout says nothing about disks", () => {
    for (const found of [absent, unreadable, recorded("/dev/sda")])
      expect(checkDisks(spec(null, true), found)).toBe(false);
  });
});

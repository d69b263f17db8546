import { describe, expect, test } from "vitest";
import type { MachineFacts } from "../../../../../runtime/install/machine/machine-facts.ts";
import type { Intent } from "../../../../../runtime/install/machine/wipe-guard.ts";
import type { DiskContents, IdentityOnDisk } from "../../../../../runtime/install/rescue/disk-contents.ts";
import { decideFromRescue } from "../../../../../runtime/install/rescue/wipe-guard.ts";
import { identity, intent, present, stock, unreadable } from "../decision-cases.ts";

const contents = (changes: Partial<DiskContents> = {}): DiskContents => ({
  devices: [{ path: "/dev/sda1", kind: "data" }],
  identities: [],
  used: [],
  ...changes,
});
const onDisk = (changes: Partial<IdentityOnDisk> = {}): DiskContents =>
  contents({ identities: [{ path: "/dev/sda3", identity: present(identity), complete: true, ...changes }] });
const marked: MachineFacts = { ...stock, marks: [{ name: "disk-main-root", path: "/dev/sda3" }] };
const existing: Intent = { ...intent, provider: "existing", bootstrapHostKey: null };

describe("from the rescue system", () => {
  test("the stock image of a server of ours is installed", () => {
    expect(decideFromRescue(stock, contents(), intent)).toEqual({
      action: "install",
      reason: "stock image of a new server",
    });
  });

  test("a machine that runs from its disks is in no rescue system", () => {
    const decision = decideFromRescue(stock, contents({ used: ["/dev/sda1"] }), intent);
    expect(decision).toMatchObject({ action: "refuse", reason: expect.stringContaining("/dev/sda1") });
  });

  test("this host, installed already, is never wiped", () => {
    const decision = decideFromRescue(marked, onDisk(), intent);
    expect(decision).toMatchObject({
      action: "refuse",
      reason: "its disks carry this host, installed already (install i)",
      next: expect.stringContaining("reinstall"),
    });
  });

  test("so it is under a former name", () => {
    const former = onDisk({ identity: present({ ...identity, host: "www" }) });
    expect(decideFromRescue(marked, former, intent).action).toBe("refuse");
  });

  test("a changed token allows it", () => {
    expect(decideFromRescue(marked, onDisk(), { ...intent, reinstall: "2" })).toEqual({
      action: "install",
      reason: "the reinstall token changed",
    });
    const same = onDisk({ identity: present({ ...identity, reinstall: "2" }) });
    expect(decideFromRescue(marked, same, { ...intent, reinstall: "2" }).action).toBe("refuse");
  });

  test("an install that never came to its end is done anew", () => {
    expect(decideFromRescue(marked, onDisk({ complete: false }), intent)).toEqual({
      action: "install",
      reason: "an install of this host was not completed",
    });
  });

  test.each([{ host: "db" }, { stack: "fleet/dev" }])(
    "another identity %o is refused and named",
    (changes) => {
      for (const complete of [true, false]) {
        const other = onDisk({ identity: present({ ...identity, ...changes }), complete });
        expect(decideFromRescue(marked, other, intent)).toMatchObject({
          action: "refuse",
          reason: expect.stringContaining(Object.values(changes).join("")),
        });
      }
    },
  );

  test("an identity that cannot be read, or two of them, is refused", () => {
    expect(decideFromRescue(marked, onDisk({ identity: unreadable }), intent).action).toBe("refuse");
    const [first] = onDisk().identities;
    const twice = first === undefined ? [] : [first, { ...first, path: "/dev/sdb1" }];
    expect(decideFromRescue(marked, contents({ identities: twice }), intent)).toMatchObject({
      action: "refuse",
      reason: expect.stringContaining("several"),
    });
  });

  test("what lies on a cloud volume says nothing of the server", () => {
    const seen = { ...stock, volumes: ["/dev/sdb"] };
    const [first] = onDisk().identities;
    const volume = contents({ identities: first === undefined ? [] : [{ ...first, path: "/dev/sdb" }] });
    expect(decideFromRescue(seen, volume, intent).action).toBe("install");
  });

  test("a marked disk is installed only if nothing was ever put on it", () => {
    const empty = contents({
      devices: [
        { path: "/dev/sda2", kind: "empty" },
        { path: "/dev/sda3", kind: "empty" },
      ],
    });
    expect(decideFromRescue(marked, empty, intent).action).toBe("install");
    for (const kind of ["data", "closed"] as const) {
      const devices = [...empty.devices, { path: "/dev/sda4", kind }];
      expect(decideFromRescue(marked, { ...empty, devices }, intent)).toMatchObject({
        action: "refuse",
        reason: expect.stringContaining("disk-main-root (/dev/sda3)"),
      });
    }
  });

  test("somebody else's server is refused with what would be lost, unless its disks are empty", () => {
    expect(decideFromRescue(stock, contents(), existing)).toMatchObject({
      action: "refuse",
      reason: expect.stringContaining("/dev/sda1 39 GiB ext4"),
    });
    const blank = { ...stock, partitions: [] };
    expect(decideFromRescue(blank, contents({ devices: [] }), existing).action).toBe("install");
  });

  test("a server without a bootstrap key cannot prove that we created it", () => {
    const unproven = { ...intent, bootstrapHostKey: null };
    expect(decideFromRescue(stock, contents(), unproven).action).toBe("refuse");
  });

  test("wipe overrides every refusal, and says so", () => {
    for (const found of [onDisk(), onDisk({ identity: unreadable }), contents()]) {
      const decision = decideFromRescue(marked, found, { ...existing, wipe: true });
      expect(decision).toMatchObject({ action: "install", reason: expect.stringContaining("wipe: web") });
    }
  });

  test("but not where it is not a rescue system", () => {
    const decision = decideFromRescue(stock, contents({ used: ["/dev/sda1"] }), { ...intent, wipe: true });
    expect(decision.action).toBe("refuse");
  });
});

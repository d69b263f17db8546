import { describe, expect, test } from "vitest";
import type { HostIdentity } from "../../../../../model/protocol/install.ts";
import type { InstallRecord } from "../../../../../runtime/install/machine/install-record.ts";
import { decide, type Intent } from "../../../../../runtime/install/machine/wipe-guard.ts";
import {
  absent,
  identity,
  installer,
  intent,
  nixos,
  present,
  record,
  stock,
  unreadable,
} from "../decision-cases.ts";

describe("an installed system", () => {
  const withIdentity = (changes: Partial<HostIdentity>) => ({
    ...nixos,
    identity: present({ ...identity, ...changes }),
  });

  test("the stock image of a server of ours is installed", () => {
    expect(decide(stock, "bootstrap", intent)).toEqual({
      action: "install",
      reason: "stock image of a new server",
    });
  });
  test("a stock image that does not show the bootstrap key is none of ours", () => {
    expect(decide(stock, "final", intent)).toMatchObject({ action: "refuse" });
  });
  test("a server without a bootstrap key cannot prove that we created it", () => {
    expect(decide(stock, "bootstrap", { ...intent, bootstrapHostKey: null })).toMatchObject({
      action: "refuse",
    });
  });
  test("an existing machine is refused, with what would be lost", () => {
    const decision = decide(stock, "bootstrap", { ...intent, provider: "existing" });
    expect(decision).toMatchObject({ action: "refuse", next: expect.stringContaining("set wipe: web") });
    expect(decision).toMatchObject({
      reason: expect.stringContaining("/dev/sda 40 GiB, /dev/sda1 39 GiB ext4"),
    });
  });
  test("this very host is adopted", () => {
    const seen = withIdentity({});
    expect(decide(seen, "final", intent)).toEqual({ action: "adopt", identity });
  });
  test("so it is under a former name", () => {
    expect(decide(withIdentity({ host: "www" }), "final", intent).action).toBe("adopt");
  });
  test.each([{ host: "db" }, { stack: "fleet/dev" }])(
    "another identity %o is refused and named",
    (changes) => {
      const decision = decide(withIdentity(changes), "final", intent);
      expect(decision).toMatchObject({
        action: "refuse",
        reason: expect.stringContaining(Object.values(changes).join("")),
      });
    },
  );
  test("this host's identity behind the bootstrap key is refused", () => {
    expect(decide(withIdentity({}), "bootstrap", intent).action).toBe("refuse");
  });
  test("a changed token reinstalls", () => {
    expect(decide(withIdentity({ reinstall: "1" }), "final", { ...intent, reinstall: "2" })).toEqual({
      action: "install",
      reason: "the reinstall token changed",
    });
  });
  test("the same token, and a token that was taken out of the configuration, adopt", () => {
    expect(decide(withIdentity({ reinstall: "1" }), "final", { ...intent, reinstall: "1" }).action).toBe(
      "adopt",
    );
    expect(decide(withIdentity({ reinstall: "1" }), "final", intent).action).toBe("adopt");
  });
  test("an unreadable identity is refused, and says why", () => {
    expect(decide({ ...nixos, identity: unreadable }, "final", intent)).toMatchObject({
      action: "refuse",
      reason: "its identity cannot be read: it is not valid JSON",
    });
  });
  test("a NixOS without identity is refused whatever key it shows", () => {
    expect(decide(nixos, "final", intent).action).toBe("refuse");
    expect(decide(nixos, "bootstrap", intent).action).toBe("refuse");
  });
});

describe("the disk layout of this very host", () => {
  const layout = (device: string) => ({ hash: "b".repeat(64), tree: { disk: { main: { device } } } });
  const seen = (device: string) => ({
    ...nixos,
    identity: present(identity),
    diskRecord: present({ version: 1 as const, layout: layout(device) }),
  });
  test("as it was at the install: adopted", () => {
    expect(decide(seen("/dev/sda"), "final", intent).action).toBe("adopt");
  });
  test("another one is refused, with what changed and the ways out, also under wipe", () => {
    const refusal = {
      action: "refuse",
      reason: expect.stringContaining('disk.main.device: "/dev/vda" → "/dev/sda"'),
      next: expect.stringMatching(/reinstall: <a new token> for web.*acceptDiskLayout: true/),
    };
    expect(decide(seen("/dev/vda"), "final", intent)).toEqual(refusal);
    expect(decide(seen("/dev/vda"), "final", { ...intent, wipe: true })).toEqual(refusal);
  });
  test("another one that was accepted, and one that cannot be compared, are adopted", () => {
    expect(decide(seen("/dev/vda"), "final", { ...intent, acceptDiskLayout: true }).action).toBe("adopt");
    const unknown = { ...intent, system: { ...intent.system, diskLayout: null } };
    expect(decide(seen("/dev/vda"), "final", unknown).action).toBe("adopt");
    expect(decide({ ...seen("/dev/vda"), diskRecord: absent }, "final", intent).action).toBe("adopt");
  });
  test("a record that cannot be read is refused", () => {
    expect(decide({ ...seen("/dev/sda"), diskRecord: unreadable }, "final", intent)).toMatchObject({
      reason: expect.stringContaining("/etc/fleet/disks.json, cannot be understood: it is not valid JSON"),
    });
  });
  test("a new reinstall token formats the new layout", () => {
    expect(decide(seen("/dev/vda"), "final", { ...intent, reinstall: "2" }).action).toBe("install");
  });
});

describe("disks with partitions that disko has named", () => {
  const marks = [{ name: "disk-main-root", path: "/dev/sda3" }];
  test.each([
    ["a stock image", stock],
    ["an installer", installer],
  ])("behind %s of ours, without an identity: unreadable marker", (_name, seen) => {
    const decision = decide({ ...seen, marks }, "bootstrap", intent);
    expect(decision).toMatchObject({
      action: "refuse",
      reason: expect.stringMatching(/disk-main-root \(\/dev\/sda3\).*unreadable marker/),
      next: expect.stringContaining("wipe: web"),
    });
    expect(decide({ ...seen, marks }, "bootstrap", { ...intent, wipe: true }).action).toBe("install");
  });
  test("of a volume are none of the machine's own", () => {
    expect(decide({ ...stock, marks, volumes: ["/dev/sda3"] }, "bootstrap", intent).action).toBe("install");
  });
  test("of an interrupted install of ours go on", () => {
    expect(decide({ ...installer, marks, record: present(record) }, "bootstrap", intent).action).toBe(
      "resume",
    );
  });
});

describe("an installer", () => {
  test("without a record, on a new server of ours: install", () => {
    expect(decide(installer, "bootstrap", intent).action).toBe("install");
  });
  test("without a record, showing the final key: refuse, since an installed system may be on the disk", () => {
    expect(decide(installer, "final", intent)).toMatchObject({
      action: "refuse",
      next: expect.stringContaining("reboot the machine"),
    });
  });
  test("of an existing machine: install only on empty disks", () => {
    const existing: Intent = { ...intent, provider: "existing" };
    expect(decide(installer, "bootstrap", existing).action).toBe("refuse");
    expect(decide({ ...installer, partitions: [] }, "bootstrap", existing).action).toBe("install");
    const whole = [{ path: "/dev/sda", bytes: 1, content: "LVM2_member" }];
    expect(decide({ ...installer, partitions: [], disks: whole }, "bootstrap", existing).action).toBe(
      "refuse",
    );
  });
  test.each([{ host: "db" }, { stack: "fleet/dev" }])(
    "with a record of another host %o: refuse",
    (changes) => {
      const seen = { ...installer, record: present({ ...record, ...changes }) };
      expect(decide(seen, "bootstrap", intent).action).toBe("refuse");
    },
  );
  test("with an unreadable record: refuse", () => {
    expect(decide({ ...installer, record: unreadable }, "bootstrap", intent).action).toBe("refuse");
  });

  const done = (changes: Partial<InstallRecord>, mounted = true, wanted = intent) => {
    const decision = decide(
      { ...installer, mounted, record: present({ ...record, ...changes }) },
      "bootstrap",
      wanted,
    );
    return decision.action === "resume" ? decision.done : decision.action;
  };
  test("goes on where the record ends", () => {
    expect(done({})).toEqual(["disko", "identity", "install"]);
    expect(done({ done: ["disko"] })).toEqual(["disko"]);
    expect(done({ done: ["identity", "install"] })).toEqual([]);
  });
  test("begins anew when nothing is mounted, or layout or token changed", () => {
    expect(done({}, false)).toEqual([]);
    expect(done({ disko: "/nix/store/b-disko" })).toEqual([]);
    expect(done({}, true, { ...intent, reinstall: "2" })).toEqual([]);
  });
  test("installs again when only the system changed", () => {
    expect(done({ toplevel: "/nix/store/b-system" })).toEqual(["disko", "identity"]);
  });
  test("hands over again when the host was renamed in between", () => {
    expect(done({ host: "www" })).toEqual(["disko"]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Intent, type ShownKey } from "../../../../engine/install/decision.ts";
import type { Found, Observation } from "../../../../engine/install/observation.ts";
import { type InstallRecord, recordedSteps } from "../../../../engine/install/record.ts";
import type { HostIdentity } from "../../../../fleet/protocol/install.ts";

const absent = { state: "absent" } as const;
const present = <T>(value: T): Found<T> => ({ state: "present", value });
const unreadable = { state: "unreadable", why: "it is no JSON" } as const;

const intent: Intent = {
  stack: "fleet/prod",
  host: "web",
  formerly: ["www"],
  provider: "hetzner",
  reinstall: null,
  wipe: false,
  bootstrapHostKey: "ssh-ed25519 AAAA",
  system: { toplevel: "/nix/store/a-system", disko: "/nix/store/a-disko" },
};
const stock: Observation = {
  bootId: "0b8c1f0e-8b39-4b06-a7a7-6f0a0a6f3a01",
  os: "debian",
  installer: false,
  architecture: "x86_64",
  root: true,
  system: null,
  mounted: false,
  identity: absent,
  record: absent,
  disks: [{ path: "/dev/sda", bytes: 40 * 1024 ** 3, content: null }],
  partitions: [{ path: "/dev/sda1", bytes: 39 * 1024 ** 3, content: "ext4" }],
  leftovers: [],
};
const identity: HostIdentity = {
  version: 1,
  stack: "fleet/prod",
  host: "web",
  installId: "i",
  reinstall: null,
};
const nixos: Observation = { ...stock, os: "nixos", system: "/nix/store/a-system" };
const installer: Observation = { ...nixos, installer: true, system: null };
const record: InstallRecord = {
  version: 1,
  stack: "fleet/prod",
  host: "web",
  reinstall: null,
  installId: "i",
  toplevel: "/nix/store/a-system",
  disko: "/nix/store/a-disko",
  done: ["disko", "identity", "install"],
};

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
      reason: "its identity cannot be read: it is no JSON",
    });
  });
  test("a NixOS without identity is refused whatever key it shows", () => {
    expect(decide(nixos, "final", intent).action).toBe("refuse");
    expect(decide(nixos, "bootstrap", intent).action).toBe("refuse");
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

const found = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Found<T>> =>
  fc.oneof(fc.constant(absent), fc.constant(unreadable), value.map(present));
const name = fc.constantFrom("web", "www", "db");
const stack = fc.constantFrom("fleet/prod", "fleet/dev");
const token = fc.constantFrom(null, "1", "2");
const observations: fc.Arbitrary<Observation> = fc.record({
  bootId: fc.uuid(),
  os: fc.constantFrom("debian", "ubuntu", "nixos", ""),
  installer: fc.boolean(),
  architecture: fc.constant("x86_64"),
  root: fc.boolean(),
  system: fc.constantFrom(null, "/nix/store/a-system"),
  mounted: fc.boolean(),
  identity: found(
    fc.record({
      version: fc.constant(1 as const),
      stack,
      host: name,
      installId: fc.constant("i"),
      reinstall: token,
    }),
  ),
  record: found(
    fc.record({
      version: fc.constant(1 as const),
      stack,
      host: name,
      reinstall: token,
      installId: fc.constant("i"),
      toplevel: fc.constantFrom("/nix/store/a-system", "/nix/store/b-system"),
      disko: fc.constantFrom("/nix/store/a-disko", "/nix/store/b-disko"),
      done: fc.subarray([...recordedSteps]),
    }),
  ),
  disks: fc.constant(stock.disks),
  partitions: fc.constantFrom([], stock.partitions),
  leftovers: fc.constant([]),
});
const intents: fc.Arbitrary<Intent> = fc.record({
  stack,
  host: name,
  formerly: fc.subarray(["www"]),
  provider: fc.constantFrom("hetzner" as const, "scaleway" as const, "existing" as const),
  reinstall: token,
  wipe: fc.constant(false),
  bootstrapHostKey: fc.constantFrom(null, "ssh-ed25519 AAAA"),
  system: fc.constant(intent.system),
});
const keys: fc.Arbitrary<ShownKey> = fc.constantFrom("bootstrap", "final");

describe("whatever is seen", () => {
  test("a running system is wiped only if it is a stock image behind our bootstrap key, or this host with another token", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const decision = decide({ ...seen, installer: false }, shown, wanted);
        if (decision.action === "refuse" || decision.action === "adopt") return;
        expect(decision.action).toBe("install");
        if (seen.identity.state === "present") {
          expect(seen.identity.value.stack).toBe(wanted.stack);
          expect([wanted.host, ...wanted.formerly]).toContain(seen.identity.value.host);
          expect(wanted.reinstall).not.toBeNull();
          expect(wanted.reinstall).not.toBe(seen.identity.value.reinstall);
          expect(shown).toBe("final");
        } else {
          expect(seen.identity.state).toBe("absent");
          expect(seen.os).not.toBe("nixos");
          expect(shown).toBe("bootstrap");
          expect(wanted.provider).not.toBe("existing");
        }
      }),
      { numRuns: 2000 },
    );
  });
  test("an install is resumed only from its own record", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const decision = decide(seen, shown, wanted);
        if (decision.action !== "resume") return;
        expect(seen.installer).toBe(true);
        expect(decision.record.stack).toBe(wanted.stack);
        expect([wanted.host, ...wanted.formerly]).toContain(decision.record.host);
        expect(recordedSteps.slice(0, decision.done.length)).toEqual(decision.done);
        expect(seen.mounted || decision.done.length === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
  test("wipe turns every refusal into an install, and nothing else into anything", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const without = decide(seen, shown, wanted);
        const withWipe = decide(seen, shown, { ...wanted, wipe: true });
        if (without.action === "refuse") {
          expect(withWipe).toEqual({ action: "install", reason: expect.stringContaining(without.reason) });
        } else expect(withWipe).toEqual(without);
      }),
      { numRuns: 1000 },
    );
  });
});

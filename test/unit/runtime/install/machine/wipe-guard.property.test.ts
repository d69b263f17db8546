import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordedSteps } from "../../../../../runtime/install/machine/install-record.ts";
import type { Found, MachineFacts } from "../../../../../runtime/install/machine/machine-facts.ts";
import { decide, type Intent, type PresentedKey } from "../../../../../runtime/install/machine/wipe-guard.ts";
import { absent, intent, present, stock, unreadable } from "../decision-cases.ts";

const found = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Found<T>> =>
  fc.oneof(fc.constant(absent), fc.constant(unreadable), value.map(present));
const name = fc.constantFrom("web", "www", "db");
const stack = fc.constantFrom("fleet/prod", "fleet/dev");
const token = fc.constantFrom(null, "1", "2");
const observations: fc.Arbitrary<MachineFacts> = fc.record({
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
  diskRecord: found(
    fc.constantFrom("/dev/sda", "/dev/sdb").map((device) => ({
      version: 1 as const,
      layout: { hash: "a".repeat(64), tree: { disk: { main: { device } } } },
    })),
  ),
  memory: fc.constant(stock.memory),
  firmware: fc.constantFrom("bios" as const, "uefi" as const),
  clock: fc.constant(stock.clock),
  home: fc.constant(stock.home),
  network: fc.constant(stock.network),
  devices: fc.constant(stock.devices),
  volumes: fc.constantFrom([], ["/dev/sdb", "/dev/sdb1"]),
  marks: fc.constantFrom(
    [],
    [{ name: "disk-main-root", path: "/dev/sda3" }],
    [{ name: "disk-old-root", path: "/dev/sdb1" }],
  ),
  disks: fc.constant(stock.disks),
  partitions: fc.constantFrom([], stock.partitions),
  leftovers: fc.constant([]),
});
const intents: fc.Arbitrary<Intent> = fc.record({
  stack,
  host: name,
  aliases: fc.subarray(["www"]),
  provider: fc.constantFrom("hetzner" as const, "scaleway" as const, "existing" as const),
  reinstall: token,
  wipe: fc.constant(false),
  acceptDiskLayout: fc.boolean(),
  bootstrapHostKey: fc.constantFrom(null, "ssh-ed25519 AAAA"),
  system: fc.constant(intent.system),
});
const keys: fc.Arbitrary<PresentedKey> = fc.constantFrom("bootstrap", "final");

describe("whatever is seen", () => {
  test("a running system is wiped only if it is a stock image behind our bootstrap key, or this host with another token", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const decision = decide({ ...seen, installer: false }, shown, wanted);
        if (decision.action === "refuse" || decision.action === "adopt") return;
        expect(decision.action).toBe("install");
        if (seen.identity.state === "present") {
          expect(seen.identity.value.stack).toBe(wanted.stack);
          expect([wanted.host, ...wanted.aliases]).toContain(seen.identity.value.host);
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
        expect([wanted.host, ...wanted.aliases]).toContain(decision.record.host);
        expect(recordedSteps.slice(0, decision.done.length)).toEqual(decision.done);
        expect(seen.mounted || decision.done.length === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
  test("nothing that disko has marked is wiped unless it belongs to a volume, a record or a new token", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const marked = seen.marks.some(({ path }) => !seen.volumes.includes(path));
        if (!marked || seen.identity.state === "present") return;
        const decision = decide(seen, shown, wanted);
        if (wanted.provider !== "existing") expect(decision.action).not.toBe("install");
      }),
      { numRuns: 2000 },
    );
  });
  test("an adopted host has the configuration's layout, or none that can be compared, or it was accepted", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        if (decide(seen, shown, wanted).action !== "adopt" || wanted.acceptDiskLayout) return;
        const { diskRecord } = seen;
        expect(diskRecord.state).not.toBe("unreadable");
        if (diskRecord.state === "present")
          expect(diskRecord.value.layout.tree).toEqual(wanted.system.diskLayout?.tree);
      }),
      { numRuns: 2000 },
    );
  });
  test("wipe turns every refusal into an install except that of another layout, and nothing else into anything", () => {
    fc.assert(
      fc.property(observations, keys, intents, (seen, shown, wanted) => {
        const without = decide(seen, shown, wanted);
        const withWipe = decide(seen, shown, { ...wanted, wipe: true });
        const accepted = decide(seen, shown, { ...wanted, acceptDiskLayout: true });
        if (accepted.action === "adopt") expect(withWipe).toEqual(without);
        else if (without.action === "refuse") {
          expect(withWipe).toEqual({ action: "install", reason: expect.stringContaining(without.reason) });
        } else expect(withWipe).toEqual(without);
      }),
      { numRuns: 1000 },
    );
  });
});

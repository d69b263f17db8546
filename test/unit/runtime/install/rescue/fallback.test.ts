import { describe, expect, test } from "vitest";
import type { RescueAccess } from "../../../../../model/protocol/rescue-access.ts";
import { decideRescueFallback } from "../../../../../runtime/install/rescue/fallback.ts";

const access: RescueAccess = {
  cloud: "hetzner",
  serverId: "7",
  endpoint: "https://cloud.test/v1",
  token: "t",
  sshKeyId: "8",
  wanted: false,
  pinFile: "/pin",
};
const now = Date.parse("2026-11-21T12:00:00Z");
const young = { created: "2026-11-20T13:00:00+00:00" };
const old = { created: "2026-11-20T11:00:00+00:00" };
const ours = {
  provider: "hetzner",
  bootstrapHostKey: "ssh-ed25519 AAAA",
  wipe: false,
  rescue: access,
} as const;
const wanted = { ...ours, rescue: { ...access, wanted: true } };
const foreign = { ...ours, provider: "existing", bootstrapHostKey: null } as const;

describe("the way out of a contact that failed", () => {
  test("a young server of ours that does not answer is gone into", () => {
    expect(decideRescueFallback("unreachable", ours, young, now)).toHaveProperty("go");
  });
  test("an older one may only be out of reach from here, and is gone into when that is wanted", () => {
    expect(decideRescueFallback("unreachable", ours, old, now)).toMatchObject({
      stay: expect.stringContaining("bootstrap: rescue"),
    });
    expect(decideRescueFallback("unreachable", wanted, old, now)).toHaveProperty("go");
  });
  test("one that was installed before is gone into when that is wanted alone, and never past its final key", () => {
    const installed = { ...ours, bootstrapHostKey: null };
    expect(decideRescueFallback("unreachable", installed, young, now)).toHaveProperty("stay");
    expect(
      decideRescueFallback("unreachable", { ...installed, rescue: wanted.rescue }, old, now),
    ).toHaveProperty("go");
    expect(
      decideRescueFallback("host-key", { ...installed, rescue: wanted.rescue }, young, now),
    ).toHaveProperty("stay");
  });
  test("somebody else's is never, unless it may be wiped and rescue is wanted", () => {
    expect(decideRescueFallback("unreachable", { ...foreign, rescue: wanted.rescue }, young, now)).toEqual({
      stay: null,
    });
    expect(decideRescueFallback("unreachable", { ...foreign, wipe: true }, young, now)).toHaveProperty(
      "stay",
    );
    for (const error of ["unreachable", "user-key", "host-key"] as const)
      expect(
        decideRescueFallback(error, { ...foreign, wipe: true, rescue: wanted.rescue }, old, now),
      ).toHaveProperty("go");
  });
  test("another key than a pinned one is an alarm, whatever is wanted", () => {
    for (const spec of [ours, wanted, { ...wanted, wipe: true }])
      expect(decideRescueFallback("host-key", spec, young, now)).toMatchObject({
        stay: expect.stringContaining("reset"),
      });
  });
  test("a refused user is gone around only when that is wanted", () => {
    expect(decideRescueFallback("user-key", ours, young, now)).toEqual({ stay: null });
    expect(decideRescueFallback("user-key", wanted, old, now)).toHaveProperty("go");
  });
  test("nothing else is, and nothing without a rescue system", () => {
    for (const error of ["cancelled", "no-ssh", "key-file"] as const)
      expect(decideRescueFallback(error, wanted, young, now)).toEqual({ stay: null });
    expect(decideRescueFallback("unreachable", { ...wanted, rescue: null }, young, now)).toEqual({
      stay: null,
    });
  });
});

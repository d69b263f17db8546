import { describe, expect, it } from "vitest";
import { verifyBoot } from "../../../../runtime/operations/reboot.ts";

const before = { profile: "/nix/store/a", failedUnits: ["old.service"] };

describe("verifyBoot", () => {
  it("finds nothing at a host that is back on its boot entry's system", () => {
    expect(verifyBoot(before, { current: "/nix/store/a", failedUnits: ["old.service"] })).toEqual([]);
  });

  it("finds another system, and units that failed since", () => {
    expect(
      verifyBoot(before, { current: "/nix/store/b", failedUnits: ["old.service", "new.service"] }),
    ).toEqual(["it started /nix/store/b instead of /nix/store/a", "units failed since: new.service"]);
    expect(verifyBoot(before, { current: undefined, failedUnits: [] })).toEqual([
      "it started no system instead of /nix/store/a",
    ]);
  });
});

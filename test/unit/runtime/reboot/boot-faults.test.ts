import { describe, expect, it } from "vitest";
import { bootFaults } from "../../../../runtime/operations/reboot.ts";

const before = { profile: "/nix/store/a", failedUnits: ["old.service"] };

describe("bootFaults", () => {
  it("finds nothing at a host that is back on its boot entry's system", () => {
    expect(bootFaults(before, { current: "/nix/store/a", failedUnits: ["old.service"] })).toEqual([]);
  });

  it("finds another system, and units that failed since", () => {
    expect(
      bootFaults(before, { current: "/nix/store/b", failedUnits: ["old.service", "new.service"] }),
    ).toEqual(["it started /nix/store/b instead of /nix/store/a", "units failed since: new.service"]);
    expect(bootFaults(before, { current: undefined, failedUnits: [] })).toEqual([
      "it started no system instead of /nix/store/a",
    ]);
  });
});

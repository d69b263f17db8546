import { describe, expect, it } from "vitest";
import { deployTriggers, driftTriggerIndex, gateTriggers, installTriggers } from "../../../fleet/triggers.ts";

describe("triggers", () => {
  it("has lists of fixed length, whatever is absent", () => {
    expect(installTriggers("1", null)).toEqual(["1", ""]);
    expect(installTriggers("1", "again")).toEqual(["1", "again"]);
    expect(gateTriggers("systems", "runs")).toEqual(["systems", "runs"]);
    expect(deployTriggers("/nix/store/x", "switch", null, "i")).toEqual(["/nix/store/x", "switch", "", "i"]);
    expect(deployTriggers("/nix/store/x", "boot", "d", "i")).toHaveLength(4);
  });

  it("keeps the drift token where it is ignored", () => {
    expect(deployTriggers("/nix/store/x", "switch", "token", "i")[driftTriggerIndex]).toBe("token");
  });
});

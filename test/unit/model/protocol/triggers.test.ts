import { describe, expect, it } from "vitest";
import {
  deployTriggers,
  driftTriggerIndex,
  gateTriggers,
  installTriggers,
} from "../../../../model/protocol/triggers.ts";

const always = { goal: "switch", allowUnreachable: false } as const;

describe("triggers", () => {
  it("has lists of fixed length, whatever is absent", () => {
    expect(installTriggers("1", null)).toEqual(["1", ""]);
    expect(installTriggers("1", "again")).toEqual(["1", "again"]);
    expect(gateTriggers("systems", "runs")).toEqual(["systems", "runs"]);
    expect(deployTriggers("/nix/store/x", always, null, "i")).toEqual(["/nix/store/x", "switch", "", "i"]);
    expect(deployTriggers("/nix/store/x", { goal: "boot", allowUnreachable: false }, "d", "i")).toHaveLength(
      4,
    );
  });

  it("deploys again where a host may no longer be away: its last deployment may be pending", () => {
    expect(deployTriggers("/nix/store/x", { ...always, allowUnreachable: true }, null, "i")).not.toEqual(
      deployTriggers("/nix/store/x", always, null, "i"),
    );
  });

  it("keeps the drift token where it is ignored", () => {
    expect(deployTriggers("/nix/store/x", always, "token", "i")[driftTriggerIndex]).toBe("token");
  });
});

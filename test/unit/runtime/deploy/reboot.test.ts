import { describe, expect, it } from "vitest";
import type { DeployResult, DeploySpec } from "../../../../model/protocol/deploy.ts";
import { isRebootDue } from "../../../../runtime/deploy/reboot.ts";

describe("isRebootDue", () => {
  it.each<[DeploySpec["reboot"], DeployResult["outcome"], boolean, boolean]>([
    ["never", "deployed", true, false],
    ["never", "staged", true, false],
    ["ifNeeded", "deployed", false, false],
    ["ifNeeded", "deployed", true, true],
    ["ifNeeded", "unchanged", true, true],
    ["ifNeeded", "unchanged", false, false],
    ["always", "deployed", false, true],
    ["always", "staged", true, true],
    ["always", "unchanged", false, false],
    ["always", "unchanged", true, true],
  ])("%s, %s, needed: %s → %s", (reboot, outcome, rebootNeeded, due) => {
    expect(isRebootDue({ reboot, goal: "switch" }, { outcome, rebootNeeded })).toBe(due);
    expect(isRebootDue({ reboot, goal: "boot" }, { outcome, rebootNeeded })).toBe(due);
    expect(isRebootDue({ reboot, goal: "test" }, { outcome, rebootNeeded })).toBe(false);
    expect(isRebootDue({ reboot, goal: "dry-activate" }, { outcome, rebootNeeded })).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { defaultHealth } from "../../../../model/config/settings/health.ts";
import type { Check } from "../../../../model/health/check.ts";
import {
  type AttemptPlan,
  needsApproval,
  planLines,
  supervisorContactSeconds,
} from "../../../../runtime/deploy/attempt-spec.ts";

const deadlines = { contact: 1, lock: 1, build: 1, copy: 1, activate: 20.2, confirm: 3.5, reboot: 1 };
const plan: AttemptPlan = {
  goal: "switch",
  oldSystem: "/nix/store/a-old",
  newSystem: "/nix/store/b-new",
  health: { ...defaultHealth, settle: 0.25, deadline: 4 },
  deadlines,
  generation: null,
  keepGenerations: 3,
  sshPort: 2222,
};
const check: Check = {
  ...{ kind: "tcp", from: "operator", host: "{address}", port: 80 },
  ...{ timeout: 1, period: 1 },
};

describe("planLines", () => {
  it("are what the supervisor reads", () => {
    expect(planLines(plan).trim().split("\n")).toEqual([
      "goal switch",
      "old /nix/store/a-old",
      "new /nix/store/b-new",
      "activation-seconds 21",
      "confirmation-seconds 4",
      "contact-seconds 15",
      "settle 25",
      "settle-seconds 0.25",
      "health-deadline 400",
      "approval no",
      "ssh-port 2222",
      "generation -",
      "keep-generations 3",
      "records /var/lib/fleet",
    ]);
    expect(planLines({ ...plan, generation: 7 })).toContain("generation 7\n");
  });
});

describe("contactSeconds", () => {
  it("are those of the confirmation, unless they are too few to reboot after", () => {
    expect(supervisorContactSeconds(plan)).toBe(15);
    expect(supervisorContactSeconds({ deadlines: { ...deadlines, confirm: 60 } })).toBe(60);
  });
});

describe("needsApproval", () => {
  it.each([
    ["switch", "operator", true],
    ["test", "operator", true],
    ["boot", "operator", false],
    ["switch", "target", false],
  ] as const)("of goal %s with a check from the %s: %s", (goal, from, needed) => {
    expect(needsApproval({ ...plan, goal, health: { ...plan.health, checks: [{ ...check, from }] } })).toBe(
      needed,
    );
  });
});

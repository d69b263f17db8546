import { describe, expect, it } from "vitest";
import type { DriftingState } from "../../../../runtime/host/drift.ts";
import { statusOf } from "../../../../runtime/host/status-of-state.ts";

const state = (
  current: string,
  profile: string,
  confirmed?: string,
  outcome: "deployed" | "tested" = "deployed",
): DriftingState => ({
  current,
  currentSince: undefined,
  lastDeployment: { kind: "absent" },
  profile,
  confirmed:
    confirmed === undefined
      ? { kind: "absent" }
      : {
          kind: "read",
          value: { version: 1, time: "2026", system: confirmed, outcome, generation: 1 },
        },
});

describe("judge", () => {
  it.each([
    ["current", state("new", "new", "new"), "new"],
    ["current", state("new", "new"), "new"],
    ["not-committed", state("new", "old", "new"), "new"],
    ["tested", state("new", "old", "new", "tested"), "new"],
    ["not-committed", state("new", "old", "older", "tested"), "new"],
    ["staged", state("old", "new", "new"), "new"],
    ["outdated", state("old", "old", "old"), "new"],
    ["outdated", state("old", "old"), "new"],
    ["drifted", state("foreign", "foreign", "old"), "new"],
    ["drifted", state("old", "foreign", "old"), "new"],
    ["unknown", state("old", "old", "old"), null],
  ] as const)("%s (%#)", (verdict, observed, wanted) => {
    expect(statusOf(observed, wanted)).toBe(verdict);
  });
});

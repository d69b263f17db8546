import { describe, expect, it } from "vitest";
import type { ConfirmedRecord, HistoryEntry } from "../../../../runtime/host/deployment-records.ts";
import { type DriftingState, findDrift } from "../../../../runtime/host/drift.ts";

const system = (letter: string) => `/nix/store/${letter.repeat(32)}-nixos-system-web-26.05`;
const deployed = system("a");
const foreign = system("b");

function record(of: string, outcome: ConfirmedRecord["outcome"] = "deployed"): DriftingState["confirmed"] {
  return {
    kind: "read",
    value: { version: 1, time: "2026-01-01T00:00:00Z", system: of, outcome, generation: 1 },
  };
}

function history(
  current: string,
  operation: HistoryEntry["request"]["operation"] = "deploy",
): DriftingState["lastDeployment"] {
  const request: HistoryEntry["request"] = {
    version: 1,
    operator: "ada@desk",
    stack: "fleet/prod",
    host: "web",
    goal: "switch",
    operation,
    revision: null,
    dirty: false,
  };
  const value: HistoryEntry = {
    version: 1,
    time: "2026-02-03T04:05:06Z",
    outcome: "deployed",
    reason: "none",
    exitCode: 0,
    reverted: "not-needed",
    from: deployed,
    to: current,
    current,
    generation: 2,
    seconds: 1,
    request,
  };
  return { kind: "read", value };
}

const sound: DriftingState = {
  current: deployed,
  currentSince: "2026-05-06T07:08:09Z",
  profile: deployed,
  confirmed: record(deployed),
  lastDeployment: history(deployed),
};

describe("findDrift", () => {
  it.each([
    ["runs and boots what was deployed", sound, deployed],
    ["does so by its own record", sound, null],
    ["has no record, and nobody knows what was deployed", { ...sound, confirmed: { kind: "absent" } }, null],
    [
      "has lost its record, and runs what was deployed",
      { ...sound, confirmed: { kind: "absent" } },
      deployed,
    ],
    [
      "waits for the next boot",
      { ...sound, current: foreign, confirmed: record(deployed, "staged") },
      deployed,
    ],
    [
      "tests what was deployed",
      { ...sound, profile: foreign, confirmed: record(deployed, "tested") },
      deployed,
    ],
  ] as const)("finds none where a host %s", (_what, state, expected) => {
    expect(findDrift(state, expected)).toBeUndefined();
  });

  it("finds another running system, and that nobody did it through fleet", () => {
    expect(findDrift({ ...sound, current: foreign }, null)).toMatchObject({
      seen: "runs nixos-system-web-26.05 (bbbbbbb); deployed was nixos-system-web-26.05 (aaaaaaa)",
      by: "not through fleet, since 2026-05-06 07:08 UTC",
    });
  });

  it("finds another system of the next boot", () => {
    expect(findDrift({ ...sound, profile: foreign }, deployed)?.seen).toBe(
      "will boot nixos-system-web-26.05 (bbbbbbb); deployed was nixos-system-web-26.05 (aaaaaaa)",
    );
  });

  it("finds a host that was taken back, and who did it", () => {
    const back = {
      ...sound,
      current: foreign,
      profile: foreign,
      confirmed: record(foreign),
      lastDeployment: history(foreign),
    };
    expect(findDrift(back, null)).toBeUndefined();
    expect(findDrift(back, deployed)?.by).toBe(
      "through fleet, by ada@desk for stack fleet/prod at 2026-02-03 04:05 UTC",
    );
    const rolledBack = { ...back, lastDeployment: history(foreign, "rollback") };
    expect(findDrift(rolledBack, deployed)?.by).toMatch(/^through fleet rollback, by ada@desk /);
  });

  it("finds a staged system that will not be booted, and a tested one that is gone", () => {
    const staged = { ...sound, current: foreign, profile: foreign, confirmed: record(deployed, "staged") };
    expect(findDrift(staged, deployed)).toBeDefined();
    const tested = { ...sound, current: foreign, profile: foreign, confirmed: record(deployed, "tested") };
    expect(findDrift(tested, deployed)).toBeDefined();
  });

  it("does not let what was staged before excuse another system", () => {
    const state = { ...sound, current: foreign, profile: deployed, confirmed: record(foreign, "staged") };
    expect(findDrift(state, deployed)).toBeDefined();
  });

  it("finds a host without any system", () => {
    expect(findDrift({ ...sound, current: undefined }, deployed)?.seen).toContain("runs no system;");
  });

  it("has the same token while nothing happens, and another one after a repair or another change", () => {
    const state = { ...sound, current: foreign };
    const token = findDrift(state, deployed)?.token;
    expect(findDrift({ ...state }, null)?.token).toBe(token);
    const later = { ...state, currentSince: "2026-05-06T07:08:10Z" };
    expect(findDrift(later, deployed)?.token).not.toBe(token);
    const repaired: DriftingState = {
      ...state,
      confirmed: {
        kind: "read",
        value: { version: 1, time: "2026-09-09", system: deployed, outcome: "deployed", generation: 3 },
      },
    };
    expect(findDrift(repaired, deployed)?.token).not.toBe(token);
  });
});

import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../../../../../runtime/host/deployment-records.ts";
import { lastChange, lastUpdate } from "../../../../../runtime/operations/rollback/last-change.ts";

type Words = Partial<Pick<HistoryEntry, "outcome"> & Pick<HistoryEntry["request"], "operation" | "update">>;

function entry(from: string, to: string, words: Words = {}): HistoryEntry {
  const { outcome = "deployed", ...more } = words;
  return {
    ...{ version: 1, time: `time of ${to}`, outcome, reason: "none", exitCode: 0, reverted: "not-needed" },
    ...{ from, to, current: to, generation: 2, seconds: 1 },
    request: {
      ...{ version: 1, operator: "ada@desk", stack: "fleet/prod", host: "web", goal: "switch" },
      ...{ revision: null, dirty: false, ...more },
    },
  };
}

const first = entry("a", "b", { update: "u1" });
const second = entry("b", "c", { operation: "deploy", update: "u2" });
const change = { update: "u2", from: "b", to: "c", time: "time of c", operator: "ada@desk" };

describe("lastChange", () => {
  it("is the newest that came into force", () => {
    expect(lastChange([first, second])).toEqual(change);
    expect(lastChange([])).toBeUndefined();
  });

  it.each(["failed", "checked"] as const)("passes over what %s", (outcome) => {
    expect(lastChange([first, second, entry("c", "d", { update: "u3", outcome })])).toEqual(change);
  });

  it.each(["staged", "tested"] as const)("is one that was %s", (outcome) => {
    const last = entry("c", "d", { update: "u3", outcome });
    expect(lastChange([first, second, last])).toMatchObject({ update: "u3", from: "c", to: "d" });
  });

  it("passes over what only made sure of the system that ran", () => {
    const sure = entry("c", "c", { update: "u3", outcome: "unchanged" });
    expect(lastChange([first, second, sure])).toEqual(change);
  });

  it.each([
    ["", entry("c", "b", { operation: "rollback" })],
    [
      " of a system that had only been staged",
      entry("b", "b", { operation: "rollback", outcome: "unchanged" }),
    ],
  ])("is none after a rollback%s: the change before it is not the last one's", (_, rollback) => {
    expect(lastChange([first, second, rollback])).toBeUndefined();
    const failed = entry("b", "d", { update: "u3", outcome: "failed" });
    expect(lastChange([first, second, rollback, failed])).toBeUndefined();
    expect(lastChange([first, second, rollback, entry("b", "d", { update: "u3" })])).toMatchObject({
      update: "u3",
    });
  });

  it("is still there after a rollback that failed", () => {
    const failed = entry("c", "b", { operation: "rollback", outcome: "failed" });
    expect(lastChange([first, second, failed])).toEqual(change);
  });

  it("is none after a rollback to an older generation", () => {
    expect(lastChange([first, second, entry("c", "a", { operation: "rollback" })])).toBeUndefined();
  });
});

describe("lastUpdate", () => {
  it("is the newest, also when it has failed or was taken back", () => {
    const rollback = entry("c", "b", { operation: "rollback" });
    const failed = entry("b", "d", { update: "u3", outcome: "failed" });
    expect(lastUpdate([first, second, rollback])).toEqual({ update: "u2", time: "time of c" });
    expect(lastUpdate([first, second, rollback, failed])).toEqual({ update: "u3", time: "time of d" });
  });

  it("is none where nothing belonged to one", () => {
    expect(lastUpdate([entry("a", "b")])).toBeUndefined();
    expect(lastUpdate([])).toBeUndefined();
  });
});

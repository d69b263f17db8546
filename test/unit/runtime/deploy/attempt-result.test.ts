import { describe, expect, it } from "vitest";
import { parseFollow, resultOfEntry } from "../../../../runtime/deploy/attempt-result.ts";
import type { HistoryEntry } from "../../../../runtime/host/deployment-records.ts";

const done = [
  "state done",
  "result outcome failed",
  "result reason confirmation",
  "result exit-code 0",
  "result reverted yes",
  "result rebooted false",
  "result current /nix/store/a",
  "result generation 3",
  "result seconds 31.25",
  "result check 0 ok 0.52 status 200",
  "result check 2 failed 5.01 exit code 1: no  answer",
  "result unit worse web@1.service was restarted 3 times",
  "log activating the configuration...",
  "log back",
  "end watch-attempt",
].join("\n");

describe("parseFollow", () => {
  it("reads a result with its log", () => {
    expect(parseFollow(done)).toEqual({
      state: "done",
      result: {
        outcome: "failed",
        reason: "confirmation",
        exitCode: 0,
        reverted: "yes",
        rebooted: false,
        current: "/nix/store/a",
        generation: 3,
        seconds: 31.25,
        checks: [
          { check: 0, ok: true, seconds: 0.52, seen: "status 200" },
          { check: 2, ok: false, seconds: 5.01, seen: "exit code 1: no  answer" },
        ],
        units: [{ verdict: "worse", unit: "web@1.service", why: "was restarted 3 times" }],
      },
      log: "activating the configuration...\nback",
    });
  });

  it("knows a host without a profile generation", () => {
    const seen = parseFollow(done.replace("generation 3", "generation -"));
    expect(seen?.state === "done" && seen.result.generation).toBe(null);
  });

  it("reads a state on the way", () => {
    expect(parseFollow("state confirm\nend watch-attempt")).toEqual({ state: "confirm" });
  });

  it("takes a cut answer and an unknown state for no answer", () => {
    expect(parseFollow("state confirm\n")).toBeUndefined();
    expect(parseFollow("state dancing\nend watch-attempt")).toBeUndefined();
    expect(parseFollow("end watch-attempt")).toBeUndefined();
  });

  it("does not accept a result of another version", () => {
    expect(() => parseFollow(done.replace("outcome failed", "outcome splendid"))).toThrow(/outcome/);
    for (const name of ["reverted yes", "rebooted false", "seconds 31.25", "exit-code 0"])
      expect(() => parseFollow(done.replace(`result ${name}\n`, "")), name).toThrow();
    expect(() => parseFollow(done.replace("check 0 ok", "check 0 fine"))).toThrow(/ok/);
    expect(() => parseFollow(done.replace("check 0", "check x"))).toThrow(/check/);
    expect(() => parseFollow(done.replace("unit worse", "unit splendid"))).toThrow(/verdict/);
    expect(() => parseFollow(done.replace("result reverted", "result surprise 1\nresult reverted"))).toThrow(
      /surprise/,
    );
  });
});

describe("resultOfEntry", () => {
  const entry: HistoryEntry = {
    version: 1,
    attempt: "a1",
    time: "2026-01-01T00:00:00Z",
    outcome: "failed",
    reason: "units",
    exitCode: 0,
    reverted: "yes",
    rebooted: true,
    from: "/nix/store/a",
    to: "/nix/store/b",
    current: "/nix/store/a",
    generation: 3,
    seconds: 9,
    durations: { activation: 1.5, revert: 0.5, contact: 6 },
    checks: [{ check: 0, outcome: "failed", seconds: 5 }],
    units: { worse: ["web.service"], ignored: [] },
    request: {
      ...{ version: 1, operator: "ada@desk", stack: "p/s", host: "web", goal: "switch" },
      ...{ revision: null, dirty: false },
    },
  };

  it("tells of an attempt whose folder a reboot has taken", () => {
    expect(resultOfEntry(entry)).toMatchObject({
      outcome: "failed",
      reason: "units",
      reverted: "yes",
      rebooted: true,
      current: "/nix/store/a",
      checks: [{ check: 0, ok: false, seconds: 5 }],
      units: [{ verdict: "worse", unit: "web.service" }],
    });
  });

  it("takes a line without the newer fields", () => {
    const { attempt: _, rebooted: __, checks: ___, units: ____, ...old } = entry;
    expect(resultOfEntry(old)).toMatchObject({ rebooted: false, checks: [], units: [] });
  });
});

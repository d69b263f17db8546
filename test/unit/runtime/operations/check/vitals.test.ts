import { describe, expect, it } from "vitest";
import { stateProblems } from "../../../../../runtime/operations/check/check.ts";
import {
  parseVitals,
  percentUsed,
  type Vitals,
  vitalsProblems,
} from "../../../../../runtime/operations/check/vitals.ts";

const answer = [
  "space 900 100 /",
  "space 10 90 /mnt/with blanks",
  "inodes 5 95 /",
  "memory 2000 1000",
  "load 0.50 2",
  "clock 1000",
  "end collect-vitals",
  "",
];
const now = { before: 1_000_100, after: 1_000_900 };

describe("parseVitals", () => {
  it("reads everything", () => {
    expect(parseVitals(answer.join("\n"), now)).toEqual({
      space: [
        { mount: "/", used: 900, free: 100 },
        { mount: "/mnt/with blanks", used: 10, free: 90 },
      ],
      inodes: [{ mount: "/", used: 5, free: 95 }],
      memory: { total: 2000, available: 1000 },
      load: { minute: 0.5, processors: 2 },
      clockSkewSeconds: 0,
    });
  });

  it("takes no answer that was cut or that lacks a line", () => {
    for (let kept = 0; kept < answer.length - 2; kept++)
      expect(parseVitals(answer.slice(0, kept).join("\n"), now)).toBeUndefined();
    for (const name of ["memory", "load", "clock"])
      expect(parseVitals(answer.filter((line) => !line.startsWith(name)).join("\n"), now)).toBeUndefined();
  });

  it("tells clocks apart no more finely than the question took", () => {
    const skew = (before: number, after: number) =>
      parseVitals(answer.join("\n"), { before: before * 1000, after: after * 1000 })?.clockSkewSeconds;
    expect([skew(990, 1010), skew(1000, 1000), skew(1060, 1062), skew(930, 940)]).toEqual([0, 0, -60, 60]);
  });

  it("counts reserved blocks that are used as no free ones", () => {
    const text = answer.join("\n").replace("space 900 100", "space 1000 -20");
    expect(parseVitals(text, now)?.space[0]).toEqual({ mount: "/", used: 1000, free: 0 });
  });
});

describe("vitalsProblems", () => {
  const well: Vitals = {
    space: [{ mount: "/", used: 80, free: 20 }],
    inodes: [{ mount: "/", used: 1, free: 99 }],
    memory: { total: 100, available: 5 },
    load: { minute: 8, processors: 2 },
    clockSkewSeconds: -30,
  };

  it("finds nothing within the limits", () => {
    expect(vitalsProblems(well)).toEqual([]);
  });

  it("finds everything beyond them", () => {
    expect(
      vitalsProblems({
        space: [...well.space, { mount: "/nix", used: 899, free: 100 }],
        inodes: [{ mount: "/", used: 95, free: 5 }],
        memory: { total: 100, available: 4.9 },
        load: { minute: 8.01, processors: 2 },
        clockSkewSeconds: -31,
      }),
    ).toEqual([
      "/nix: 90 % of space used",
      "/: 95 % of inodes used",
      "4 % of memory available",
      "load 8.01 on 2 processors",
      "clock is 31 s behind",
    ]);
    expect(vitalsProblems({ ...well, clockSkewSeconds: 3600 })).toEqual(["clock is 3600 s ahead"]);
  });
});

describe("percentUsed", () => {
  it("rounds up, as df does, and takes an empty file system for a full one", () => {
    expect(percentUsed({ mount: "/", used: 1, free: 999 })).toBe(1);
    expect(percentUsed({ mount: "/", used: 0, free: 0 })).toBe(100);
  });
});

describe("stateProblems", () => {
  it("finds another system and failed units", () => {
    expect(stateProblems({ failedUnits: [] }, "current")).toEqual([]);
    expect(stateProblems({ failedUnits: ["a.service", "b.service"] }, "drifted")).toEqual([
      "its system is drifted",
      "failed units: a.service, b.service",
    ]);
  });
});

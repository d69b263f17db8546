import { describe, expect, it } from "vitest";
import { parseFollow } from "../../../../engine/deploy/attempt.ts";

const done = [
  "state done",
  "result outcome failed",
  "result reason confirmation",
  "result exit-code 0",
  "result reverted yes",
  "result current /nix/store/a",
  "result generation 3",
  "result seconds 31",
  "log activating the configuration...",
  "log back",
  "end follow",
].join("\n");

describe("parseFollow", () => {
  it("reads a result with its log", () => {
    expect(parseFollow(done)).toEqual({
      state: "done",
      result: {
        outcome: "failed",
        reason: "confirmation",
        "exit-code": 0,
        reverted: "yes",
        current: "/nix/store/a",
        generation: 3,
        seconds: 31,
      },
      log: "activating the configuration...\nback",
    });
  });

  it("knows a host without a profile generation", () => {
    const seen = parseFollow(done.replace("generation 3", "generation -"));
    expect(seen?.state === "done" && seen.result.generation).toBe(null);
  });

  it("reads a state on the way", () => {
    expect(parseFollow("state confirm\nend follow")).toEqual({ state: "confirm" });
  });

  it("takes a cut answer and an unknown state for no answer", () => {
    expect(parseFollow("state confirm\n")).toBeUndefined();
    expect(parseFollow("state dancing\nend follow")).toBeUndefined();
    expect(parseFollow("end follow")).toBeUndefined();
  });

  it("does not accept a result of another version", () => {
    expect(() => parseFollow(done.replace("outcome failed", "outcome splendid"))).toThrow(/outcome/);
    expect(() => parseFollow(done.replace("result reverted yes\n", ""))).toThrow(/reverted/);
  });
});

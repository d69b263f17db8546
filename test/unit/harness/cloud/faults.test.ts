import { describe, expect, it } from "vitest";
import { Faults, pathPattern } from "../../../harness/cloud/faults.ts";

const effect = { kind: "response", status: 503, code: "unavailable" } as const;

describe("Faults", () => {
  it("hits as often as told, then no more", () => {
    const faults = new Faults();
    const id = faults.add({ method: "POST", path: "/servers", times: 2, effect });
    expect(faults.take("POST", "/servers")).toEqual({ id, phase: "before", effect });
    expect(faults.pending()).toMatchObject([{ id, times: 1 }]);
    expect(faults.take("POST", "/servers")?.id).toBe(id);
    expect(faults.take("POST", "/servers")).toBeNull();
    expect(faults.pending()).toEqual([]);
  });

  it("lets others through: method, path and skipped requests", () => {
    const faults = new Faults();
    faults.add({ method: "GET", path: "/servers/*", skip: 1, effect });
    expect(faults.take("POST", "/servers/1")).toBeNull();
    expect(faults.take("GET", "/servers")).toBeNull();
    expect(faults.take("GET", "/servers/1")).toBeNull();
    expect(faults.take("GET", "/servers/1")).not.toBeNull();
  });

  it("takes any method if none is given, and the first rule that still lives", () => {
    const faults = new Faults();
    const first = faults.add({ path: "/**", effect });
    const second = faults.add({ path: "/volumes", effect });
    expect(faults.take("DELETE", "/volumes")?.id).toBe(first);
    expect(faults.take("DELETE", "/volumes")?.id).toBe(second);
  });

  it("forgets all on clear", () => {
    const faults = new Faults();
    faults.add({ path: "/servers", effect });
    faults.clear();
    expect(faults.take("GET", "/servers")).toBeNull();
  });

  it.each([
    ["no leading slash", { path: "servers", effect }],
    ["no times", { path: "/servers", times: 0, effect }],
    ["a status that is none", { path: "/servers", effect: { ...effect, status: 99 } }],
  ])("refuses a rule with %s", (_, rule) => {
    expect(() => new Faults().add(rule)).toThrow();
  });
});

describe("pathPattern", () => {
  it.each([
    ["/servers", "/servers", true],
    ["/servers", "/servers/1", false],
    ["/servers/*", "/servers/1", true],
    ["/servers/*", "/servers/1/actions", false],
    ["/servers/*/actions/*", "/servers/1/actions/reset", true],
    ["/servers/**", "/servers/1/actions/reset", true],
    ["/a.b", "/axb", false],
  ])("%s against %s: %s", (pattern, path, matches) => {
    expect(pathPattern(pattern).test(path)).toBe(matches);
  });
});

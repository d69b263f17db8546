import { describe, expect, it } from "vitest";
import { describeLockOwner, operatorName, parseLockOwner } from "../../../../../runtime/host/lock/owner.ts";

const owner = {
  operator: "ada@desk",
  pid: 4,
  stack: "fleet/prod",
  what: "deploy of web",
  since: "2026-01-01",
};

describe("lock owner", () => {
  it("is read back as written", () => {
    expect(parseLockOwner(JSON.stringify(owner))).toEqual(owner);
  });

  it("is unknown when written by somebody else", () => {
    expect(parseLockOwner("{}")).toBeUndefined();
    expect(parseLockOwner("half a docu")).toBeUndefined();
    expect(parseLockOwner(JSON.stringify({ ...owner, more: 1 }))).toBeUndefined();
    expect(describeLockOwner(undefined)).toBe("unknown operator");
  });

  it("is described with everything one needs to find it", () => {
    const text = describeLockOwner(owner);
    for (const value of Object.values(owner)) expect(text).toContain(String(value));
  });

  it("names user and machine", () => {
    expect(operatorName()).toMatch(/^[^@]+@[^@]+$/);
  });
});

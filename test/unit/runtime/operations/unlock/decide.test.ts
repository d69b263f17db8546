import { describe, expect, it } from "vitest";
import { decideUnlock } from "../../../../../runtime/operations/unlock/unlock.ts";

const lock = { pid: 42, username: "ada", hostname: "desk", timestamp: "2026" };
type StackHold = Parameters<typeof decideUnlock>[0];

const hold = (...owners: ("running" | "gone" | "elsewhere")[]): StackHold => ({
  stack: "prod",
  backendUrl: "file:///s",
  locks: owners.map((owner) => ({ lock, owner })),
});

describe("decideUnlock", () => {
  it("leaves a free stack alone", () => {
    expect(decideUnlock(hold())).toEqual({ kind: "free" });
  });

  it("never overrules a running owner", () => {
    expect(decideUnlock(hold("running")).kind).toBe("refuse");
    expect(decideUnlock(hold("gone", "running", "elsewhere")).kind).toBe("refuse");
  });

  it("asks about other machines, also beside a lock whose owner is gone", () => {
    expect(decideUnlock(hold("elsewhere")).kind).toBe("ask");
    expect(decideUnlock(hold("gone", "elsewhere")).kind).toBe("ask");
  });

  it("frees what a run that is gone has left, and names it", () => {
    expect(decideUnlock(hold("gone"))).toEqual({
      kind: "unlock",
      because: 'stack "prod" is locked by ada@desk (process 42, since 2026), which no longer runs',
    });
  });

  it("asks where it cannot look, and about a lock it cannot read", () => {
    expect(decideUnlock({ ...hold(), locks: undefined }).kind).toBe("ask");
    const question = (backendUrl: string) => decideUnlock({ ...hold(), backendUrl, locks: undefined });
    expect(question("s3://states")).toMatchObject({
      question: expect.stringContaining("the locks in s3://states"),
    });
    expect(question("https://app.pulumi.com/ada")).toMatchObject({
      question: expect.stringContaining('does not report who updates stack "prod": cancel its update'),
    });
    const unreadable: StackHold = { ...hold(), locks: [{ lock: undefined, owner: "elsewhere" }] };
    expect(decideUnlock(unreadable)).toMatchObject({ kind: "ask" });
    expect(JSON.stringify(decideUnlock(unreadable))).toContain("an unreadable lock");
  });
});

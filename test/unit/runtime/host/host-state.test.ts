import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHostState, readLines } from "../../../../runtime/host/host-state.ts";

const identity = { version: 1, stack: "fleet/prod", host: "web", installId: "i1", reinstall: null };
const record = {
  version: 1,
  time: "2026-01-01T00:00:00Z",
  system: "/nix/store/a",
  outcome: "deployed",
  generation: 7,
};
const history = {
  version: 1,
  time: "2026-01-01T00:00:00Z",
  outcome: "failed",
  reason: "activation",
  exitCode: 4,
  reverted: "yes",
  from: "/nix/store/a",
  to: "/nix/store/b",
  current: "/nix/store/a",
  generation: 7,
  seconds: 2,
  request: {
    version: 1,
    operator: "ada@desk",
    stack: "fleet/prod",
    host: "web",
    goal: "switch",
    revision: null,
    dirty: true,
  },
};
const owner = { operator: "ada@desk", pid: 4, stack: "fleet/prod", what: "deploy of web", since: "2026" };

const complete = [
  "boot-id 0f0f",
  "uptime 12.5",
  "booted /nix/store/a",
  "current /nix/store/a",
  "current-since 1767323045",
  "profile /nix/store/b",
  "same-kernel yes",
  "generation 8",
  `identity ${JSON.stringify(identity)}`,
  `confirmed ${JSON.stringify(record)}`,
  `history ${JSON.stringify(history)}`,
  "confirmed-age 77",
  "failed-unit a.service",
  "failed-unit b.service",
  "lock held",
  `owner ${JSON.stringify(owner)}`,
  "end inspect-host",
  "",
];

describe("parseHostState", () => {
  it("reads everything", () => {
    expect(parseHostState(complete.join("\n"))).toEqual({
      bootId: "0f0f",
      uptimeSeconds: 12.5,
      booted: "/nix/store/a",
      current: "/nix/store/a",
      currentSince: "2026-01-02T03:04:05.000Z",
      profile: "/nix/store/b",
      sameKernel: true,
      generation: 8,
      identity: { kind: "read", value: identity },
      disks: { kind: "absent" },
      confirmed: { kind: "read", value: record },
      confirmedAgeSeconds: 77,
      lastDeployment: { kind: "read", value: history },
      failedUnits: ["a.service", "b.service"],
      lock: { held: true, owner },
    });
  });

  it("tells absent from unreadable", () => {
    const text =
      'boot-id x\nuptime 1\nidentity unreadable\nhistory {"version":2}\nlock free\nend inspect-host\n';
    expect(parseHostState(text)).toEqual({
      bootId: "x",
      uptimeSeconds: 1,
      booted: undefined,
      current: undefined,
      profile: undefined,
      sameKernel: false,
      generation: undefined,
      identity: { kind: "unreadable", text: "unreadable" },
      disks: { kind: "absent" },
      confirmed: { kind: "absent" },
      confirmedAgeSeconds: undefined,
      lastDeployment: { kind: "unreadable", text: '{"version":2}' },
      failedUnits: [],
      lock: { held: false, owner: undefined },
    });
  });

  it("trusts no answer that was cut: every shorter one is refused", () => {
    for (let kept = 0; kept < complete.length - 2; kept++)
      expect(parseHostState(complete.slice(0, kept).join("\n"))).toBeUndefined();
  });

  it("takes whatever a broken host may say, without an exception", () => {
    const name = fc.constantFrom(
      "boot-id",
      "uptime",
      "identity",
      "history",
      "confirmed",
      "owner",
      "generation",
    );
    const line = fc.tuple(name, fc.string()).map(([key, value]) => `${key} ${value}`);
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const state = parseHostState([...lines, "end inspect-host"].join("\n"));
        expect(state?.identity.kind).not.toBe("read");
      }),
    );
  });

  it("needs a boot id and an uptime", () => {
    expect(parseHostState("uptime 1\nend inspect-host")).toBeUndefined();
    expect(parseHostState("boot-id x\nuptime soon\nend inspect-host")).toBeUndefined();
  });
});

describe("readLines", () => {
  it("splits at the first blank only", () => {
    expect(readLines("a b c\nd\nend x", "x")).toEqual([
      ["a", "b c"],
      ["d", ""],
    ]);
  });

  it("refuses the answer of another program", () => {
    expect(readLines("a b\nend x", "y")).toBeUndefined();
  });
});

import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { duration, statusTable } from "../../../../cli/commands/status.ts";
import { shortSystem } from "../../../../model/naming/short-system-name.ts";
import type { HostStatus } from "../../../../runtime/operations/status.ts";

const wanted = `/nix/store/${"a".repeat(32)}-nixos-system-web-26.05`;
const other = `/nix/store/${"b".repeat(32)}-nixos-system-web-26.05`;

const running: HostStatus & { reachable: true } = {
  host: "web",
  wanted,
  seconds: 0.2,
  reachable: true,
  verdict: "current",
  state: {
    bootId: "b",
    uptimeSeconds: 4000,
    booted: wanted,
    current: wanted,
    currentSince: undefined,
    profile: wanted,
    sameKernel: true,
    generation: 3,
    identity: { kind: "absent" },
    disks: { kind: "absent" },
    confirmed: { kind: "absent" },
    confirmedAgeSeconds: undefined,
    lastDeployment: { kind: "absent" },
    failedUnits: [],
    lock: { held: false, owner: undefined },
  },
};

const text = (hosts: readonly HostStatus[]) => stripVTControlCharacters(statusTable(hosts));

describe("statusTable", () => {
  it("says in one row what a host runs, and nothing more where all is well", () => {
    const lines = text([running]).split("\n");
    expect(lines.at(-2)).toMatch(
      /web .*current .*nixos-system-web-26.05 \(aaaaaaa\) .*3 .*1 h 6 min .*none yet/,
    );
    expect(lines.at(-1)).toMatch(/^└/);
  });

  it("explains below the table what is not as wanted", () => {
    const confirmed = {
      kind: "read",
      value: { version: 1, time: "2026", system: wanted, outcome: "deployed", generation: 3 },
    } as const;
    const state = { ...running.state, current: other, confirmed, failedUnits: ["nginx.service"] };
    const shown = text([
      { ...running, verdict: "drifted", state },
      { host: "db", wanted, seconds: 15, reachable: false, seen: "no answer in 15 s" },
    ]);
    expect(shown).toContain(
      "web: runs nixos-system-web-26.05 (bbbbbbb); deployed was nixos-system-web-26.05 (aaaaaaa); changed not through fleet",
    );
    expect(shown).toContain("web: wanted is nixos-system-web-26.05 (aaaaaaa)");
    expect(shown).toContain("web: failed units: nginx.service");
    expect(shown).toMatch(/db .*unreachable/);
    expect(shown).toContain("db: no answer in 15 s");
  });

  it("tells hosts that may be away from those that fail, and what waits for them", () => {
    const absent = { host: "laptop", wanted, seconds: 15, reachable: false, seen: "no answer" } as const;
    const laptop = { ...absent, allowUnreachable: true, away: true };
    expect(text([laptop])).toMatch(/laptop .*away/);
    expect(text([laptop])).toContain("laptop: no answer");
    const waiting = text([{ ...laptop, pending: true }]);
    expect(waiting).toMatch(/laptop .*pending/);
    expect(waiting).toContain("laptop: no answer; its deployment waits for it: run pulumi up when it is on");
    expect(text([{ ...laptop, away: false, pending: true }])).toMatch(/laptop .*unreachable/);
    const state = { ...running.state, current: other, profile: other };
    const back = text([{ ...running, verdict: "outdated", pending: true, state }]);
    expect(back).toMatch(/web .*pending/);
    expect(back).toContain("web: it was away when it was to be deployed to: run pulumi up");
    expect(text([{ ...running, pending: true }])).toMatch(/web .*current/);
  });

  it("tells of a deployment under way", () => {
    const state = { ...running.state, lock: { held: true, owner: undefined } };
    expect(text([{ ...running, state }])).toContain("web: a deployment is under way");
    const owner = { operator: "ada@desk", pid: 7, stack: "fleet/prod", what: "deploy of web", since: "2026" };
    const staged = text([{ ...running, verdict: "staged", state }]);
    expect(staged).not.toContain("waits for a reboot");
    expect(text([{ ...running, verdict: "staged" }])).toContain("web: the wanted system waits for a reboot");
    expect(text([{ ...running, verdict: "outdated" }])).toContain(
      "web: another system is wanted: run pulumi up",
    );
    const owned = { ...running.state, lock: { held: true, owner } };
    expect(text([{ ...running, state: owned }])).toContain(
      "web: is being worked on by ada@desk (process 7, deploy of web, stack fleet/prod, since 2026)",
    );
  });
});

describe("texts", () => {
  it.each([
    [0, "0 s"],
    [8.9, "8 s"],
    [60, "1 min"],
    [4000, "1 h 6 min"],
    [90_000, "1 d 1 h"],
    [86_401, "1 d"],
  ])("shows %d seconds as %j", (seconds, shown) => {
    expect(duration(seconds)).toBe(shown);
  });

  it("leaves a path that is not a store path as it is", () => {
    expect(shortSystem("/run/current-system")).toBe("/run/current-system");
  });
});

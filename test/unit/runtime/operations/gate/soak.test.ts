import { describe, expect, it } from "vitest";
import {
  contactErrors,
  type SoakingState,
  soakedSeconds,
  soakProblems,
} from "../../../../../runtime/operations/gate/soak.ts";

const wanted = "/nix/store/new";
const state: SoakingState = {
  bootId: "b1",
  uptimeSeconds: 500,
  current: wanted,
  profile: wanted,
  confirmed: {
    kind: "read",
    value: { version: 1, time: "2026-11-21T00:00:00Z", system: wanted, outcome: "deployed", generation: 3 },
  },
  confirmedAgeSeconds: 40,
  failedUnits: ["old.service"],
};
const web = { host: "web", system: wanted, goal: "switch" } as const;

describe("soakProblems", () => {
  it("finds nothing at a host that is as it was deployed", () => {
    expect(soakProblems(web, state, state)).toEqual([]);
  });

  it("finds another system, running or at the next boot, as far as the goal wants it there", () => {
    const running = { ...state, current: "/nix/store/old" };
    const booting = { ...state, profile: "/nix/store/old" };
    expect(soakProblems(web, state, running)).toEqual(["web: has /nix/store/old instead of /nix/store/new"]);
    expect(soakProblems(web, state, booting)).toEqual(["web: has /nix/store/old instead of /nix/store/new"]);
    expect(soakProblems({ ...web, goal: "test" }, state, booting)).toEqual([]);
    expect(soakProblems({ ...web, goal: "test" }, state, running)).toHaveLength(1);
    expect(soakProblems({ ...web, goal: "boot" }, state, running)).toEqual([]);
    expect(soakProblems({ ...web, goal: "boot" }, state, booting)).toHaveLength(1);
    expect(soakProblems(web, state, { ...state, current: undefined })).toEqual([
      "web: has no system instead of /nix/store/new",
    ]);
  });

  it("finds a reboot, and units that failed since the first look", () => {
    const later = { ...state, bootId: "b2", failedUnits: ["old.service", "a.service", "b.service"] };
    expect(soakProblems(web, state, later)).toEqual([
      "web: was rebooted during the soak",
      "web: units failed during the soak: a.service, b.service",
    ]);
  });
});

describe("soakedSeconds", () => {
  it("counts from the host's own record of this system", () => {
    expect(soakedSeconds(web, state)).toBe(40);
  });

  it("counts nothing for another system, without a record, or by a clock that was set back", () => {
    expect(soakedSeconds({ system: "/nix/store/other" }, state)).toBe(0);
    expect(soakedSeconds(web, { ...state, confirmed: { kind: "absent" } })).toBe(0);
    expect(soakedSeconds(web, { ...state, confirmedAgeSeconds: undefined })).toBe(0);
    expect(soakedSeconds(web, { ...state, confirmedAgeSeconds: -3600 })).toBe(0);
  });

  it("never counts more than the host is up, whatever its clock says", () => {
    expect(soakedSeconds(web, { ...state, confirmedAgeSeconds: 86_400 })).toBe(500);
  });
});

describe("contactErrors", () => {
  it("tells why a host did not answer", () => {
    const silent = { host: "web", wanted, seconds: 3, reachable: false, seen: "no route to host" } as const;
    expect(contactErrors(silent)).toEqual(["web: cannot be reached: no route to host"]);
  });
});

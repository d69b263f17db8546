import { describe, expect, it } from "vitest";
import { attemptFailure, describeExitCode } from "../../../../engine/deploy/failure.ts";
import type { AttemptResult } from "../../../../engine/deploy/records.ts";

const base: AttemptResult = {
  outcome: "failed",
  reason: "activation",
  "exit-code": 4,
  reverted: "yes",
  current: "/nix/store/old",
  generation: 3,
  seconds: 2,
};
const options = { oldSystem: "/nix/store/old", confirmSeconds: 30, logFile: "/logs/x.log" };
const failure = (changes: Partial<AttemptResult>, log = "") =>
  attemptFailure("web", { result: { ...base, ...changes }, log }, options).failure;

describe("describeExitCode", () => {
  it("tells every documented code apart", () => {
    const codes = [1, 2, 3, 4, 100, 101, 124, 5];
    expect(new Set(codes.map(describeExitCode)).size).toBe(codes.length);
  });
});

describe("attemptFailure", () => {
  it("says what failed, what runs now, and shows the end of the log", () => {
    const { step, seen, log } = failure({}, "warning: the following units failed: broken.service");
    expect(step).toBe("activation");
    expect(seen).toBe(
      [
        "units failed to start, stop or reload (exit code 4)",
        "the host runs /nix/store/old: the system it ran before is back, profile and boot entry are as they were",
        "last lines of the activation:",
        "  warning: the following units failed: broken.service",
      ].join("\n"),
    );
    expect(log).toBe("/logs/x.log");
  });

  it("leaves an empty log out and a long one short", () => {
    expect(failure({}).seen).not.toContain("last lines");
    const lines = Array.from({ length: 40 }, (_, index) => `line-${index}`);
    const seen = failure({}, lines.join("\n")).seen;
    expect(seen).toContain("line-39");
    expect(seen).toContain("line-28");
    expect(seen).not.toContain("line-27");
  });

  it("names the deadline of a confirmation that did not come", () => {
    const { step, seen, next } = failure({ reason: "confirmation", "exit-code": 0 });
    expect(step).toBe("confirmation");
    expect(seen).toContain("within 30 s");
    expect(next).toContain("firewall");
  });

  it("is loud about a host that did not get back", () => {
    const { seen, next } = failure({ reverted: "no", current: "/nix/store/new" });
    expect(seen).toContain("the host runs /nix/store/new; going back to /nix/store/old FAILED");
    expect(next).toContain("reboot the host");
  });

  it("says that nothing was changed when another switch is running", () => {
    const { seen } = failure({ reason: "busy", "exit-code": 75, reverted: "not-needed" });
    expect(seen).toContain("another switch on the host did not end in time");
    expect(seen).toContain("as before");
  });

  it("sends a system that needs a reboot to goal boot", () => {
    expect(failure({ "exit-code": 100 }).next).toContain("goal `boot`");
  });

  it("names a commit that failed", () => {
    const { step, seen } = failure({ reason: "commit", "exit-code": 1 });
    expect(step).toBe("commit");
    expect(seen).toContain("profile or the boot entry could not be written");
  });
});

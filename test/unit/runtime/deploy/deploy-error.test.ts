import { describe, expect, it } from "vitest";
import type { Check } from "../../../../model/health/check.ts";
import type { CheckOutcome } from "../../../../model/health/check-result.ts";
import { attemptFailure, describeExitCode } from "../../../../runtime/deploy/deploy-error.ts";
import type { AttemptResult } from "../../../../runtime/host/deployment-records.ts";

const base: AttemptResult = {
  outcome: "failed",
  reason: "activation",
  exitCode: 4,
  reverted: "yes",
  current: "/nix/store/old",
  rebooted: false,
  generation: 3,
  seconds: 2,
  checks: [],
  units: [],
};
const tries = { timeout: 5, period: 1 };
const checks: Check[] = [
  { kind: "command", from: "target", run: "systemctl is-active nginx", ...tries },
  { kind: "tcp", from: "operator", host: "203.0.113.7", port: 443, ...tries },
];
const place = { address: "203.0.113.7", port: 2222 };
const options = {
  ...{ oldSystem: "/nix/store/old", confirmSeconds: 30, places: [place], checks, logFile: "/logs/x.log" },
};
const failure = (changes: Partial<AttemptResult>, log = "", operatorChecks: CheckOutcome[] = []) =>
  attemptFailure("web", { result: { ...base, ...changes }, log, host: undefined, operatorChecks }, options)
    .failure;

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
    expect(seen).toContain("line-16");
    expect(seen).not.toContain("line-15");
  });

  it("names all places of a host that moves", () => {
    const places = [place, { address: "203.0.113.7", port: 22 }];
    const result = { ...base, reason: "confirmation" as const, exitCode: 0 };
    const { seen } = attemptFailure(
      "web",
      { result, log: "", host: undefined, operatorChecks: [] },
      { ...options, places },
    ).failure;
    expect(seen).toContain(
      "within 30 s after the activation, neither at 203.0.113.7 port 2222 nor at 203.0.113.7 port 22\n",
    );
  });

  it("names the deadline of a confirmation that did not come", () => {
    const { step, seen, next } = failure({ reason: "confirmation", exitCode: 0 });
    expect(step).toBe("confirmation");
    expect(seen).toContain("within 30 s");
    expect(next).toContain("firewall");
  });

  it("is loud about a host that did not get back", () => {
    const { seen, next } = failure({ reverted: "no", current: "/nix/store/new" });
    expect(seen).toContain("rolling back to /nix/store/old FAILED, so the host rebooted into it");
    expect(next).toContain("what stopped the rollback");
  });

  it("says that nothing was changed when another switch is running", () => {
    const { seen } = failure({ reason: "busy", exitCode: 75, reverted: "not-needed" });
    expect(seen).toContain("another switch on the host did not end in time");
    expect(seen).toContain("as before");
  });

  it("sends a system that needs a reboot to goal boot", () => {
    expect(failure({ exitCode: 100 }).next).toContain("goal `boot`");
  });

  it("names checks that did not finish, where none is known to have failed", () => {
    const unfinished = failure({ reason: "check", exitCode: 0 }).seen;
    expect(unfinished).toContain(
      "not all checks hold:\n  command systemctl is-active nginx: did not finish\n",
    );
    expect(unfinished).not.toContain("tcp");
    const bad = { check: 1, ok: false, seconds: 1, seen: "connect ECONNREFUSED" };
    expect(failure({ reason: "check", exitCode: 0 }, "", [bad]).seen).not.toContain("no end");
    expect(failure({ reason: "units", exitCode: 0 }).seen).not.toContain("no end");
  });

  it("names the units that are worse than before, and no others", () => {
    const { step, seen } = failure({
      reason: "units",
      exitCode: 0,
      units: [
        { verdict: "worse", unit: "web.service", why: "failed" },
        { verdict: "ignored", unit: "acme-a.service", why: "failed" },
        { verdict: "as-before", unit: "old.service", why: "failed" },
      ],
    });
    expect(step).toBe("health");
    expect(seen).toContain(
      "units are worse than before the activation:\n  web.service failed\nthe host runs",
    );
  });

  it("names the checks that do not hold, the host's and the operator's", () => {
    const host = [{ check: 0, ok: false, seconds: 5, seen: "exit code 3: inactive" }];
    const { seen } = failure({ reason: "check", exitCode: 0, checks: host }, "", [
      { check: 1, ok: false, seconds: 5, seen: "connect ECONNREFUSED" },
      { check: 0, ok: true, seconds: 0, seen: "never shown" },
    ]);
    expect(seen).toContain("  command systemctl is-active nginx: exit code 3: inactive\n");
    expect(seen).toContain("  tcp 203.0.113.7 port 443 (from the operator): connect ECONNREFUSED\n");
    expect(seen).not.toContain("never shown");
  });

  it("says that the host rebooted because no operator reached it", () => {
    expect(failure({ rebooted: true }).seen).toContain("no operator reached it afterwards, so it rebooted");
    expect(failure({}).seen).not.toContain("rebooted");
  });

  it("names a commit that failed", () => {
    const { step, seen } = failure({ reason: "commit", exitCode: 1 });
    expect(step).toBe("commit");
    expect(seen).toContain("profile or the boot entry could not be written");
  });
});

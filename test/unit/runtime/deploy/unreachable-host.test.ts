import { describe, expect, it } from "vitest";
import { contactTimeout, isUnreachable } from "../../../../runtime/deploy/unreachable-host.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";
import { ConnectionError } from "../../../../runtime/ssh/session.ts";

const contact = (kind: ConnectionError["kind"]) =>
  new ConnectionError({ host: "laptop" }, kind, "seen", "next");

describe("contactSeconds", () => {
  const deadlines = { contact: 60, away: 10, lock: 1, build: 1, copy: 1, activate: 1, confirm: 1, reboot: 1 };
  const { away: _, ...plain } = deadlines;

  it("are those of `away` for optional hosts alone, and never more than for others", () => {
    expect(contactTimeout({ optional: true, deadlines })).toBe(10);
    expect(contactTimeout({ optional: true, deadlines: { ...deadlines, contact: 5 } })).toBe(5);
    expect(contactTimeout({ optional: true, deadlines: plain })).toBe(60);
    expect(contactTimeout({ optional: false, deadlines })).toBe(60);
    expect(contactTimeout({ deadlines })).toBe(60);
  });
});

describe("isAway", () => {
  it("is said of optional hosts that do not answer", () => {
    expect(isUnreachable({ optional: true }, contact("unreachable"))).toBe(true);
    expect(isUnreachable({ optional: false }, contact("unreachable"))).toBe(false);
    expect(isUnreachable({}, contact("unreachable"))).toBe(false);
  });

  it.each(["host-key", "user-key", "key-file", "no-ssh", "no-forwarding", "cancelled"] as const)(
    "is not said of %s",
    (kind) => {
      expect(isUnreachable({ optional: true }, contact(kind))).toBe(false);
    },
  );

  it("is not said of what fails later", () => {
    const error = new StepError({ host: "laptop", step: "copy", seen: "unreachable", next: "" });
    expect(isUnreachable({ optional: true }, error)).toBe(false);
  });
});

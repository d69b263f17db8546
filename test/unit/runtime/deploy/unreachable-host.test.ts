import { describe, expect, it } from "vitest";
import { contactSeconds, isAway } from "../../../../runtime/deploy/unreachable-host.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";
import { ContactError } from "../../../../runtime/ssh/session.ts";

const contact = (kind: ContactError["kind"]) => new ContactError({ host: "laptop" }, kind, "seen", "next");

describe("contactSeconds", () => {
  const deadlines = { contact: 60, away: 10, lock: 1, build: 1, copy: 1, activate: 1, confirm: 1, reboot: 1 };
  const { away: _, ...plain } = deadlines;

  it("are those of `away` for optional hosts alone, and never more than for others", () => {
    expect(contactSeconds({ optional: true, deadlines })).toBe(10);
    expect(contactSeconds({ optional: true, deadlines: { ...deadlines, contact: 5 } })).toBe(5);
    expect(contactSeconds({ optional: true, deadlines: plain })).toBe(60);
    expect(contactSeconds({ optional: false, deadlines })).toBe(60);
    expect(contactSeconds({ deadlines })).toBe(60);
  });
});

describe("isAway", () => {
  it("is said of optional hosts that do not answer", () => {
    expect(isAway({ optional: true }, contact("unreachable"))).toBe(true);
    expect(isAway({ optional: false }, contact("unreachable"))).toBe(false);
    expect(isAway({}, contact("unreachable"))).toBe(false);
  });

  it.each(["host-key", "user-key", "key-file", "no-ssh", "no-forwarding", "cancelled"] as const)(
    "is not said of %s",
    (kind) => {
      expect(isAway({ optional: true }, contact(kind))).toBe(false);
    },
  );

  it("is not said of what fails later", () => {
    const error = new StepError({ host: "laptop", step: "copy", seen: "unreachable", next: "" });
    expect(isAway({ optional: true }, error)).toBe(false);
  });
});

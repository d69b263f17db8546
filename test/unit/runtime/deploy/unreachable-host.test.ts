import { describe, expect, it } from "vitest";
import { contactTimeout, isUnreachable } from "../../../../runtime/deploy/unreachable-host.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";
import { ConnectionError } from "../../../../runtime/ssh/session.ts";

const contact = (kind: ConnectionError["kind"]) =>
  new ConnectionError({ host: "laptop" }, kind, "seen", "next");

describe("contactSeconds", () => {
  const deadlines = { contact: 60, away: 10, lock: 1, build: 1, copy: 1, activate: 1, confirm: 1, reboot: 1 };
  const { away: _, ...plain } = deadlines;

  it("are those of `away` for hosts that may be unreachable alone, and never more than for others", () => {
    expect(contactTimeout({ allowUnreachable: true, deadlines })).toBe(10);
    expect(contactTimeout({ allowUnreachable: true, deadlines: { ...deadlines, contact: 5 } })).toBe(5);
    expect(contactTimeout({ allowUnreachable: true, deadlines: plain })).toBe(60);
    expect(contactTimeout({ allowUnreachable: false, deadlines })).toBe(60);
    expect(contactTimeout({ deadlines })).toBe(60);
  });
});

describe("isAway", () => {
  it("is said of hosts that may be unreachable and do not answer", () => {
    expect(isUnreachable({ allowUnreachable: true }, contact("unreachable"))).toBe(true);
    expect(isUnreachable({ allowUnreachable: false }, contact("unreachable"))).toBe(false);
    expect(isUnreachable({}, contact("unreachable"))).toBe(false);
  });

  it.each(["host-key", "user-key", "key-file", "no-ssh", "no-forwarding", "cancelled"] as const)(
    "is not said of %s",
    (kind) => {
      expect(isUnreachable({ allowUnreachable: true }, contact(kind))).toBe(false);
    },
  );

  it("is not said of what fails later", () => {
    const error = new StepError({ host: "laptop", step: "copy", seen: "unreachable", next: "" });
    expect(isUnreachable({ allowUnreachable: true }, error)).toBe(false);
  });
});

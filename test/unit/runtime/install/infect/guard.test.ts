import { expect, test } from "vitest";
import { decideInfection } from "../../../../../runtime/install/infect/guard.ts";
import type { Decision } from "../../../../../runtime/install/machine/wipe-guard.ts";

const intent = { stack: "p/s", host: "web", aliases: ["old"] };
const identity = { version: 1, stack: "p/s", host: "web", installId: "i", reinstall: null } as const;
const absent = { state: "absent" } as const;
const record = (host: string, stack = "p/s") =>
  ({ state: "present", value: { version: 1, stack, host, installId: "begun" } }) as const;
const install: Decision = { action: "install", reason: "stock image of a new server" };
const adopt: Decision = { action: "adopt", identity };
const refuse: Decision = { action: "refuse", reason: "it is an existing machine", next: "set wipe: web" };
const debian = { os: "debian" };
const nixos = { os: "nixos" };

test("a system that may be lost is taken over", () => {
  expect(decideInfection(debian, install, absent, intent)).toEqual({
    action: "infect",
    reason: "stock image of a new server",
    installId: null,
  });
});

test("the wipe guard holds", () => {
  expect(decideInfection(debian, refuse, absent, intent)).toBe(refuse);
});

test.each([install, adopt, refuse])(
  "a take-over of this host goes on, whatever else is seen: %j",
  (general) => {
    for (const host of ["web", "old"])
      expect(decideInfection(debian, general, record(host), intent)).toMatchObject({
        action: "infect",
        installId: "begun",
      });
  },
);

test.each([record("db"), record("web", "p/other")])("another's take-over is left alone: %j", (other) => {
  expect(decideInfection(debian, install, other, intent)).toMatchObject({
    action: "refuse",
    reason: expect.stringContaining("is taking it over"),
  });
});

test("a record that cannot be read is refused", () => {
  const unreadable = { state: "unreadable", why: "it is not valid JSON" } as const;
  expect(decideInfection(debian, install, unreadable, intent)).toMatchObject({
    action: "refuse",
    reason: expect.stringContaining("it is not valid JSON"),
  });
});

test("this host's NixOS is adopted, also with a record that was left", () => {
  expect(decideInfection(nixos, adopt, record("web"), intent)).toBe(adopt);
});

test.each([install, refuse])("any other NixOS is never replaced in place: %j", (general) => {
  expect(decideInfection(nixos, general, record("web"), intent)).toMatchObject({
    action: "refuse",
    next: expect.stringContaining("cannot be replaced in place"),
  });
});

test("an identity without a NixOS and without a record is nobody's to decide", () => {
  expect(decideInfection(debian, adopt, absent, intent)).toMatchObject({ action: "refuse" });
});

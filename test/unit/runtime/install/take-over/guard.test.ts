import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideTakeOver, type Seen } from "../../../../../runtime/install/take-over/guard.ts";
import { identity, installer, nixos, present, stock, unreadable } from "../decision-cases.ts";

const wanted = { stack: "fleet/prod", host: "web", aliases: ["www"] };
const system = "/nix/store/a-system";

describe("a machine that should run NixOS already", () => {
  test("is enrolled when it is nobody's", () => {
    expect(decideTakeOver(nixos, wanted)).toEqual({ action: "enrol", system });
  });
  test.each(["web", "www"])("is kept as it is when it is this host already, called %s", (host) => {
    const own = { ...identity, host };
    const seen = { ...nixos, identity: present(own) };
    expect(decideTakeOver(seen, wanted)).toEqual({ action: "keep", identity: own, system });
  });
  test.each<[string, Seen, RegExp]>([
    ["a stock image", stock, /runs no NixOS \(debian\)/],
    ["an unknown system", { ...stock, os: "" }, /runs no NixOS \(unknown system\)/],
    ["a NixOS that runs nothing", { ...nixos, system: null }, /runs no NixOS/],
    ["an installer", { ...installer, system }, /installer from memory/],
    ["an unreadable identity", { ...nixos, identity: unreadable }, /cannot be read: it is not valid JSON/],
    [
      "another host",
      { ...nixos, identity: present({ ...identity, host: "db" }) },
      /it is db of stack fleet\/prod/,
    ],
    [
      "another stack",
      { ...nixos, identity: present({ ...identity, stack: "s/x" }) },
      /it is web of stack s\/x/,
    ],
  ])("is refused for %s", (_, seen, reason) => {
    expect(decideTakeOver(seen, wanted)).toMatchObject({
      action: "refuse",
      reason: expect.stringMatching(reason),
    });
  });
  test("is never enrolled over an identity, whatever it says", () => {
    const text = fc.string();
    const identities = fc.record({ ...mapped(text), version: fc.constant(1 as const) }).map(present);
    fc.assert(
      fc.property(fc.oneof(identities, fc.constant(unreadable)), (found) => {
        expect(decideTakeOver({ ...nixos, identity: found }, wanted).action).not.toBe("enrol");
      }),
    );
  });
});

function mapped(text: fc.Arbitrary<string>) {
  return { stack: text, host: text, installId: text, reinstall: fc.option(text) };
}

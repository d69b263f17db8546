import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIgnored } from "../../../../model/health/unit-pattern.ts";

describe("isIgnored", () => {
  it.each([
    ["acme-example.org.service", ["acme-*"], true],
    ["acme.service", ["acme-*"], false],
    ["nginx.service", ["nginx"], true],
    ["nginx.service", ["nginx.service"], true],
    ["nginx2.service", ["nginx"], false],
    ["nginx2.service", ["nginx?"], true],
    ["a.b.service", ["a?b"], true],
    ["axb.service", ["a.b"], false],
    ["backup@db.timer", ["backup@*"], true],
    ["nginx.service", [], false],
    ["nginx.service", ["*"], true],
    ["mnt-a\\x2db.mount", ["mnt-a\\x2db"], true],
  ])("%s by %j: %s", (unit, patterns, ignored) => {
    expect(isIgnored(unit, patterns)).toBe(ignored);
  });

  it("takes every other character for itself", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[*?]/.test(text));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(isIgnored(a, [a])).toBe(true);
        const same = a === b || a.replace(/\.[^.]*$/, "") === b;
        expect(isIgnored(a, [b])).toBe(same);
      }),
    );
  });
});

import { expand } from "brace-expansion";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHosts } from "../../../../model/naming/format-hosts.ts";

describe("listHosts", () => {
  it.each([
    [["db"], "db"],
    [["web-2", "db", "web-1"], "db, web-1, web-2"],
    [["web-3", "web-10", "web-1", "web-2", "web-9", "web-11"], "web-{1..3}, web-{9..11}"],
    [["eu-1", "us-2", "us-3", "us-1"], "eu-1, us-{1..3}"],
    [["1", "2", "3"], "{1..3}"],
    [["h08", "h09", "h10", "h11"], "h{08..11}"],
    [["h098", "h99", "h100"], "h098, h99, h100"],
    [["h98", "h99", "h100"], "h{98..100}"],
    [["1", "01", "2", "02", "3", "03"], "1, 01, 2, 02, 3, 03"],
    [["web-0", "web-1", "web-2"], "web-{0..2}"],
    [["web-1", "web-1", "web-2", "web-3"], "web-{1..3}"],
    [[], ""],
  ])("of %j is %s", (names, expected) => {
    expect(formatHosts(names)).toBe(expected);
  });

  it("stands for every name once, as a pattern does", () => {
    const name = fc
      .tuple(fc.constantFrom("a", "web-", "web-1-", "web-0", "b00", ""), fc.nat(120))
      .map(([prefix, number]) => `${prefix}${number}`);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 150 }), (names) => {
        const stands = formatHosts(names)
          .split(", ")
          .flatMap((part) => expand(part));
        expect(stands.toSorted()).toEqual([...new Set(names)].toSorted());
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { joined, rangeOf, textsOf, without } from "../../../../model/firewall/port-ranges.ts";

const port = fc.integer({ min: 1, max: 300 });
const ranges = fc.array(fc.tuple(port, port).map(([from, to]) => ({ from, to })));
const portsOf = (all: readonly { from: number; to: number }[]) => {
  const ports = new Set<number>();
  for (const { from, to } of all) for (let each = from; each <= to; each += 1) ports.add(each);
  return [...ports].sort((a, b) => a - b);
};

describe("ranges of ports", () => {
  it("joined hold the same ports, in order, with a gap between any two", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const result = joined(given);
        expect(portsOf(result)).toEqual(portsOf(given));
        for (const [index, { from }] of result.entries())
          expect(from).toBeGreaterThan((result[index - 1]?.to ?? -1) + 1);
      }),
    );
  });

  it("without some ports hold all the others", () => {
    fc.assert(
      fc.property(ranges, fc.array(port), (given, removed) => {
        const left = portsOf(given).filter((each) => !removed.includes(each));
        expect(portsOf(without(given, removed))).toEqual(left);
      }),
    );
  });

  it("are written as they are read", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const result = joined(given);
        expect(textsOf(result).map(rangeOf)).toEqual(result);
      }),
    );
  });
});

test.each([
  [[{ from: 0, to: 1 }], ["1"]],
  [[{ from: 65_000, to: 65_535 }], ["65000-65535"]],
  [[{ from: 9, to: 7 }], []],
  [
    [
      { from: 443, to: 443 },
      { from: 80, to: 81 },
      { from: 82, to: 90 },
    ],
    ["80-90", "443"],
  ],
])("%j is %j", (given, texts) => {
  expect(textsOf(joined(given))).toEqual(texts);
});

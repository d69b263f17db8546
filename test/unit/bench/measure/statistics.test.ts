import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairedRatios, summarise } from "../../../../bench/measure/statistics.ts";

const samples = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("summarise", () => {
  it("takes the middle, or the mean of the two in the middle", () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarise([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 });
  });

  it("depends on no order, and as many samples lie above the median as below", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const summary = summarise(values);
        expect(summarise([...values].reverse())).toEqual(summary);
        const above = values.filter((value) => value > summary.median).length;
        const below = values.filter((value) => value < summary.median).length;
        expect(Math.max(above, below)).toBeLessThanOrEqual(values.length / 2);
        expect([Math.min(...values), Math.max(...values)]).toEqual([summary.min, summary.max]);
      }),
    );
  });

  it("refuses what is not a measurement", () => {
    expect(() => summarise([])).toThrow("nothing was measured");
    expect(() => summarise([1, Number.NaN])).toThrow("not all numbers");
  });
});

describe("pairedRatios", () => {
  it("divides round by round", () => {
    expect(pairedRatios([2, 9], [1, 3])).toEqual([2, 3]);
  });

  it("refuses rounds that do not match, and a floor of nothing", () => {
    expect(() => pairedRatios([1], [1, 2])).toThrow("different numbers of rounds");
    expect(() => pairedRatios([1, 1], [1, 0])).toThrow("round 1: the floor measured nothing");
  });
});

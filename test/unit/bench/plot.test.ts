import { describe, expect, it } from "vitest";
import { asSvg, niceStep } from "../../../bench/plot.ts";

const plot = {
  title: "Time & hosts",
  x: [1, 5, 40],
  y: "seconds",
  lines: [
    { label: "ours", values: [1, 2, 9] },
    { label: "<floor>", values: [0.5, 1, 4] },
  ],
};

/** Points of each line, as numbers. */
function points(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, list = ""]) =>
    list.split(" ").map((point) => point.split(",").map(Number)),
  );
}

describe("asSvg", () => {
  const svg = asSvg(plot);

  it("draws every line to scale, and names it", () => {
    const [ours = [], floor = []] = points(svg);
    const base = ours.map(([x = 0]) => x);
    expect(ours).toHaveLength(3);
    expect(floor.map(([x]) => x)).toEqual(base);
    // x: 1, 5 and 40 hosts; y: downwards, in proportion.
    const [a = 0, b = 0, c = 0] = base;
    expect((c - a) / (b - a)).toBeCloseTo(39 / 4, 0);
    const height = ([, y = 0]: number[] = []) => y;
    const rise = (from: number, to: number) => height(ours[from]) - height(ours[to]);
    expect(rise(0, 2) / rise(0, 1)).toBeCloseTo(8, 0);
    for (const label of ["ours", "&lt;floor&gt;", "Time &amp; hosts", "seconds", ">40<"])
      expect(svg).toContain(label);
  });

  it("keeps everything inside of the drawing", () => {
    for (const [x = -1, y = -1] of points(svg).flat()) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(720);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(400);
    }
  });
});

describe("niceStep", () => {
  it.each([
    [0.11, 0.2],
    [0.2, 0.2],
    [1.3, 2],
    [3, 5],
    [7, 10],
    [41, 50],
  ])("of %d is %d", (least, step) => {
    expect(niceStep(least)).toBeCloseTo(step);
  });
});

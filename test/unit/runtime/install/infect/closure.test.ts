import { expect, test } from "vitest";
import { type SizedPath, streamsOf } from "../../../../../runtime/install/infect/closure.ts";
import { fc } from "../../../property.ts";

const paths = fc.array(
  fc.nat({ max: 300 }).map((bytes): SizedPath => ({ path: `/nix/store/${bytes}`, bytes })),
);

test("streams hold every path once, in order, and no more than their limit", () => {
  fc.assert(
    fc.property(paths, (given) => {
      const streams = streamsOf(given, 100);
      expect(streams.flat()).toEqual(given);
      for (const stream of streams) {
        const total = stream.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(stream.length === 1 || total <= 100).toBe(true);
      }
    }),
  );
});

test("what fits travels together", () => {
  const sized = [40, 60, 1, 500, 2].map((bytes) => ({ path: "p", bytes }));
  expect(streamsOf(sized, 100).map((stream) => stream.map(({ bytes }) => bytes))).toEqual([
    [40, 60],
    [1],
    [500],
    [2],
  ]);
});

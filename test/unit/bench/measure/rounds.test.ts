import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Disturbance, measureInterleaved, resultsOf, shuffled } from "../../../../bench/measure/rounds.ts";

const context = { rounds: 3, patienceSeconds: 0, say: () => {} };

describe("rounds", () => {
  it("measures each contender once a round after a warm-up, and leaves preparation out", async () => {
    const order: string[] = [];
    const disturbance = new Disturbance();
    const results = await measureInterleaved(
      [
        {
          label: "slow to prepare",
          prepare: () => new Promise((resolve) => setTimeout(resolve, 200)),
          run: async (round) => void order.push(`a${round}`),
        },
        {
          label: "slow",
          run: (round) =>
            new Promise((resolve) => setTimeout(() => resolve(void order.push(`b${round}`)), 60)),
        },
      ],
      context,
      disturbance,
    );
    expect([...order].sort()).toEqual(["a-1", "a0", "a1", "a2", "b-1", "b0", "b1", "b2"]);
    const rounds = order.map((name) => Number(name.slice(1)));
    expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    expect(resultsOf(results, "slow to prepare").seconds).toHaveLength(3);
    expect(Math.max(...resultsOf(results, "slow to prepare").seconds)).toBeLessThan(0.1);
    expect(Math.min(...resultsOf(results, "slow").seconds)).toBeGreaterThan(0.05);
    expect(disturbance.counts().of).toBe(6);
    expect(() => resultsOf(results, "none")).toThrow('nothing called "none"');
  });

  it("fails when a contender fails", async () => {
    const failing = { label: "x", run: () => Promise.reject(new Error("it broke")) };
    await expect(measureInterleaved([failing], context, new Disturbance())).rejects.toThrow("it broke");
  });
});

describe("shuffled", () => {
  it("keeps all items, each once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (items, random) => {
          const order = shuffled(items, () => random.next().value ?? 0);
          expect([...order].sort()).toEqual([...items].sort());
        },
      ),
    );
  });

  it("follows the random numbers", () => {
    expect(shuffled(["a", "b", "c"], () => 0)).toEqual(["a", "b", "c"]);
    expect(shuffled(["a", "b", "c"], () => 0.99)).toEqual(["c", "b", "a"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadlineIn, stopwatch } from "../../../../runtime/platform/deadline.ts";
import { pollUntil } from "../../../../runtime/platform/poll-until.ts";

/** A deadline that passes after a number of questions. */
const passesAfter = (questions: number) => {
  let asked = 0;
  return {
    remaining: () => {
      asked += 1;
      return asked > questions ? 0 : 1;
    },
  };
};

describe("pollUntil", () => {
  it("ends with the first look that sees what is wanted, else with the last one before the deadline", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.nat(20), async (wanted, questions) => {
        let looks = 0;
        const look = async () => {
          looks += 1;
          return looks;
        };
        const options = { deadline: passesAfter(questions), pause: 0 };
        const seen = await pollUntil(look, (value) => value > wanted, options);
        expect(seen).toBe(Math.min(wanted, questions) + 1);
        expect(looks).toBe(seen);
      }),
    );
  });

  it("begins no look after the deadline, and does not sleep where no other look follows", async () => {
    for (const [seconds, pause, most] of [
      [0.2, 0.02, 10],
      [1, 60, 1],
      [0, 0.01, 1],
    ] as const) {
      const deadline = deadlineIn(seconds);
      const elapsed = stopwatch();
      let looks = 0;
      const look = async () => {
        looks += 1;
        return looks;
      };
      expect(await pollUntil(look, () => false, { deadline, pause })).toBe(looks);
      expect(looks).toBeLessThanOrEqual(most);
      expect(elapsed()).toBeLessThan(30);
    }
  });

  it("pauses between looks", async () => {
    const elapsed = stopwatch();
    let looks = 0;
    const look = async () => {
      looks += 1;
      return looks;
    };
    await pollUntil(look, (seen) => seen === 4, { deadline: deadlineIn(60), pause: 0.02 });
    expect(elapsed()).toBeGreaterThanOrEqual(0.05);
  });

  it("ends its pause when it is aborted, and lets the look say so", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let looks = 0;
    const look = async () => {
      if (signal.aborted) throw new Error("stopped, in words of the look");
      looks += 1;
      setTimeout(() => controller.abort(), 5);
    };
    const polled = pollUntil(look, () => false, { deadline: deadlineIn(600), pause: 60, signal });
    await expect(polled).rejects.toThrow("stopped, in words of the look");
    expect(looks).toBe(1);
  });

  it("throws the reason of the abort where looks take no notice of it", async () => {
    const reason = new Error("Ctrl-C");
    const options = { deadline: deadlineIn(600), pause: 60, signal: AbortSignal.abort(reason) };
    await expect(
      pollUntil(
        async () => 1,
        () => false,
        options,
      ),
    ).rejects.toBe(reason);
    expect(
      await pollUntil(
        async () => 1,
        () => true,
        options,
      ),
    ).toBe(1);
  });

  it("passes on what a look throws", async () => {
    const look = async () => {
      throw new Error("broken");
    };
    const polled = pollUntil(look, () => false, { deadline: deadlineIn(60), pause: 60 });
    await expect(polled).rejects.toThrow("broken");
  });
});

describe("a deadline", () => {
  it("has nothing remaining once it has passed, and still a second for a step", () => {
    const passed = deadlineIn(-5);
    expect(passed.remaining()).toBe(0);
    expect(passed.left()).toBe(1);
  });

  it("never has more than it was given", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
        const deadline = deadlineIn(seconds);
        expect(deadline.remaining()).toBeLessThanOrEqual(seconds);
        expect(deadline.left()).toBeLessThanOrEqual(Math.max(1, seconds));
      }),
    );
  });
});

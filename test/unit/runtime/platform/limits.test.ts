import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anySignal, timeoutSignal } from "../../../../runtime/platform/limits.ts";

describe("timeoutSignal", () => {
  it("takes any number of seconds", () => {
    const seconds = fc.oneof(
      fc.double({ min: -1, max: 1e4, noNaN: true }),
      fc.double({ min: 0, noNaN: true }),
      fc.constant(Number.POSITIVE_INFINITY),
    );
    fc.assert(fc.property(seconds, (given) => timeoutSignal(given) instanceof AbortSignal));
  });

  it("is aborted after them, and not before", async () => {
    const started = performance.now();
    const signal = timeoutSignal(0.0507);
    expect(signal.aborted).toBe(false);
    await once(signal, "abort");
    expect(performance.now() - started).toBeGreaterThanOrEqual(50);
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });

  it("is not aborted at once where no timer is that long", async () => {
    const signal = timeoutSignal(1e9);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(signal.aborted).toBe(false);
  });
});

describe("anySignal", () => {
  it("is aborted with the first, and never by one that is not there", () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const any = anySignal(first.signal, undefined, second.signal);
    second.abort("why");
    expect([any.aborted, any.reason]).toEqual([true, "why"]);
    expect(anySignal(undefined).aborted).toBe(false);
  });
});

import { describe, expect, test } from "vitest";
import { createWorkers, workerCount } from "../../../../../runtime/nix/evaluation/worker-pool.ts";
import { fc } from "../../../property.ts";

const GiB = 1024 ** 3;

describe("how many hosts are evaluated at once", () => {
  test.each([
    [1 * GiB, 8, 1],
    [3 * GiB, 8, 2],
    [64 * GiB, 8, 8],
    [64 * GiB, 1, 1],
    [0, 4, 1],
  ])("%d bytes, %d cores: %d", (bytes, cores, count) => {
    expect(workerCount(bytes, cores)).toBe(count);
  });

  test("never none, never more than cores", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 512 }), (mebibytes, cores) => {
        const count = workerCount(mebibytes * 1024 ** 2, cores);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(cores);
      }),
    );
  });

  test("the limit holds", async () => {
    const workers = createWorkers(2);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => workers(work)));
    expect(most).toBe(2);
  });
});

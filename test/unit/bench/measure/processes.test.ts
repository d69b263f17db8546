import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { childrenCpuSeconds, processorTime, quietMoment } from "../../../../bench/measure/cpu.ts";
import { descendants, peakMemory } from "../../../../bench/measure/memory.ts";

// Of processor time, which a busy machine gives late.
const burn = "while (process.cpuUsage().user < 300_000);";
const hold = "const held = Buffer.alloc(100 * 2 ** 20, 1); setTimeout(() => held, 600);";

async function node(program: string): Promise<void> {
  const [code]: unknown[] = await once(spawn(process.execPath, ["-e", program]), "exit");
  expect(code).toBe(0);
}

describe("CPU time", () => {
  it("is read behind a program name that holds spaces and parentheses", () => {
    const fields = ["S", ...Array.from({ length: 12 }, () => "9"), "150", "50", "20"];
    expect(childrenCpuSeconds(`1 (a) b) ${fields.join(" ")}\n`)).toBe(2);
  });

  it("counts a child that has ended", async () => {
    const before = childrenCpuSeconds();
    await node(burn);
    expect(childrenCpuSeconds() - before).toBeGreaterThan(0.05);
  });

  it("of the machine leaves idle and waiting out of what is busy", () => {
    expect(processorTime("cpu  1 2 3 40 50 6 7 8 100 200\ncpu0 0 0 0 0\n")).toEqual({ busy: 27, total: 117 });
    expect(() => processorTime("intr 1\n")).toThrow("/proc/stat");
  });

  it("shows whether the machine is quiet, within the patience given", async () => {
    const busy = Array.from({ length: 4 }, () =>
      node("const end = Date.now() + 2500; while (Date.now() < end);"),
    );
    expect(await quietMoment(0)).toBe(false);
    await Promise.all(busy);
  });
});

describe("memory", () => {
  it("goes down the whole tree, and not beside it", () => {
    const parents = new Map([
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 1],
      [6, 5],
    ]);
    expect(descendants(2, parents).sort()).toEqual([3, 4]);
    expect(descendants(1, parents).sort()).toEqual([2, 3, 4, 5, 6]);
    expect(descendants(6, parents)).toEqual([]);
  });

  it("has a peak that holds what a child held and gave back", async () => {
    const { peakMiB, result } = await peakMemory(async () => {
      await node(hold);
      return "done";
    }, 50);
    expect(result).toBe("done");
    expect(peakMiB).toBeGreaterThan(100);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { installerRoom, planMemory } from "../../../../../runtime/install/preflight/memory.ts";

const mebibyte = 1024 ** 2;
const plan = (memory: number, withTools: number, withoutTools: number | null) =>
  planMemory(memory * mebibyte, {
    withTools: withTools * mebibyte,
    withoutTools: withoutTools === null ? null : withoutTools * mebibyte,
  });

test("plenty of RAM is no matter", () => {
  expect(plan(4096, 600, 1)).toEqual({ kind: "possible", tools: "brought", zram: false, choice: null });
  expect(plan(1400, 700, 1)).toMatchObject({ tools: "brought", zram: false, choice: null });
});

describe("little RAM", () => {
  test("uses the installer's tools and compressed swap, and says why", () => {
    const found = plan(1399, 100, 1);
    expect(found).toMatchObject({ kind: "possible", tools: "installer", zram: true });
    expect(found).toMatchObject({
      choice: expect.stringMatching(
        /1\.37 GiB of RAM: using the installer's own disk tools, not those of disko \(100 MiB\).*zram/,
      ),
    });
  });
  test("brings the tools where the configuration has no other script and they fit", () => {
    expect(plan(960, 300, null)).toMatchObject({ kind: "possible", tools: "brought", zram: true });
    expect(plan(960, 311, null)).toEqual({
      kind: "impossible",
      error: "the machine has 960 MiB of RAM: the installer leaves 310 MiB, and the disk tools take 311 MiB",
    });
  });
  test("uses the installer's tools where those of disko do not fit, however much there is", () => {
    expect(plan(2048, 1025, 1)).toMatchObject({ tools: "installer", zram: false });
    expect(plan(2048, 1024, 1)).toMatchObject({ tools: "brought", choice: null });
  });
});

test("too little RAM is refused with the figure, whatever is configured", () => {
  expect(plan(899, 0, 0)).toEqual({
    kind: "impossible",
    error: "the machine has 899 MiB of RAM: the installer runs in memory and takes 900 MiB at least",
  });
  expect(plan(900, 0, 0)).toMatchObject({ kind: "possible" });
});

const size = fc.integer({ min: 0, max: 8192 }).map((value) => value * mebibyte);
const needs = fc.record({ withTools: size, withoutTools: fc.option(size) });

test("more RAM never turns a possible install into an impossible one", () => {
  fc.assert(
    fc.property(size, size, needs, (memory, more, wanted) => {
      fc.pre(planMemory(memory, wanted).kind === "possible");
      expect(planMemory(memory + more, wanted).kind).toBe("possible");
    }),
  );
});

test("what is chosen fits beside the installer; what is refused names the figure", () => {
  fc.assert(
    fc.property(size, needs, (memory, wanted) => {
      const found = planMemory(memory, wanted);
      if (found.kind === "impossible") expect(found.error).toMatch(/has \S+ [KMGT]?i?B of RAM/);
      else {
        const chosen = found.tools === "brought" ? wanted.withTools : (wanted.withoutTools ?? Number.NaN);
        expect(chosen).toBeLessThanOrEqual(installerRoom(memory));
        if (found.tools === "installer" || found.zram) expect(found.choice).not.toBeNull();
      }
    }),
  );
});

test("the room is never negative, and never all of the RAM", () => {
  fc.assert(
    fc.property(size, (memory) => {
      expect(installerRoom(memory)).toBeGreaterThanOrEqual(0);
      expect(installerRoom(memory)).toBeLessThanOrEqual(memory / 2);
    }),
  );
});

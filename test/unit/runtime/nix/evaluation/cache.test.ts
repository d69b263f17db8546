import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FactPath, FactSource, FactValue } from "../../../../../model/facts/facts.ts";
import { unevaluatedSystem } from "../../../../../model/protocol/unevaluated-system.ts";
import {
  type CacheAnswer,
  type Evaluated,
  type EvaluationKey,
  readCache,
  removeOldEvaluations,
  writeCache,
} from "../../../../../runtime/nix/evaluation/cache.ts";
import { fc } from "../../../property.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "evaluation-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fixed = { project: "p", stack: "s", hosts: {}, networks: {}, customFacts: [] };
const key: EvaluationKey = { identity: "i", host: "web", attribute: "web", fixed, wrapperVersion: "1" };

const systemNamed = (name: string) => unevaluatedSystem(`/nix/store/${name}`, "x86_64-linux");

type Facts = Readonly<Partial<Record<FactPath, FactValue>>>;

function source(facts: Facts): FactSource {
  const at = (path: FactPath) => facts[path];
  return {
    fixed,
    now: () => undefined,
    settle: async (path) => {
      const value = at(path);
      return value === undefined ? { known: false, until: `${path} exists` } : { known: true, value };
    },
  };
}

const a: FactPath = "hosts.a.ipv4";
const b: FactPath = "hosts.b.ipv4";
const entry = (name: string, usedFacts: Evaluated["usedFacts"]): Evaluated => ({
  usedFacts,
  system: systemNamed(name),
  warnings: [],
});

describe("what the cache answers", () => {
  test("nothing, before anything was evaluated", async () => {
    expect(await readCache(folder, key, source({}))).toEqual({ kind: "miss" });
  });

  test("the result whose facts have the same values; unknown where one of them is", async () => {
    const first = entry("first", [
      [a, "1"],
      [b, null],
    ]);
    await writeCache(folder, key, first);
    await writeCache(folder, key, entry("second", [[a, "2"]]));
    expect(await readCache(folder, key, source({ [a]: "1", [b]: null }))).toEqual({
      kind: "hit",
      evaluated: first,
    });
    expect(await readCache(folder, key, source({ [a]: "2" }))).toMatchObject({
      evaluated: { system: systemNamed("second") },
    });
    expect(await readCache(folder, key, source({ [a]: "1", [b]: "3" }))).toEqual({ kind: "miss" });
    expect(await readCache(folder, key, source({ [a]: "1" }))).toEqual({
      kind: "unknown",
      waitingFor: b,
      until: `${b} exists`,
    });
  });

  test("nothing for another flake, host, attribute, configuration or version of ours", async () => {
    await writeCache(folder, key, entry("first", []));
    expect(await readCache(folder, key, source({}))).toMatchObject({ kind: "hit" });
    const others: Partial<EvaluationKey>[] = [
      { identity: "j" },
      { host: "db" },
      { attribute: "www" },
      { fixed: { ...fixed, stack: "prod" } },
      { wrapperVersion: "2" },
    ];
    for (const other of others)
      expect(await readCache(folder, { ...key, ...other }, source({}))).toEqual({ kind: "miss" });
  });
});

/** An evaluation as a decision tree: which fact is read next depends on those read before. */
type Program =
  | { readonly kind: "result"; readonly name: string }
  | { readonly kind: "read"; readonly path: FactPath; readonly one: Program; readonly other: Program };

function evaluate(program: Program, facts: Facts): CacheAnswer {
  const usedFacts: [FactPath, FactValue][] = [];
  let at = program;
  while (at.kind === "read") {
    const value = facts[at.path];
    if (value === undefined) return { kind: "unknown", waitingFor: at.path, until: `${at.path} exists` };
    const path = at.path;
    if (!usedFacts.some(([used]) => used === path)) usedFacts.push([path, value]);
    at = value === "1" ? at.one : at.other;
  }
  return { kind: "hit", evaluated: entry(at.name, usedFacts) };
}

test("the cache never says anything an evaluation would not", async () => {
  const paths: FactPath[] = [a, b, "deployKeys"];
  const { program } = fc.letrec<{ program: Program }>((tie) => ({
    program: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constant("result" as const), name: fc.stringMatching(/^[a-z]{3}$/) }),
      fc.record({
        kind: fc.constant("read" as const),
        path: fc.constantFrom(...paths),
        one: tie("program"),
        other: tie("program"),
      }),
    ),
  }));
  const value = fc.constantFrom<FactValue>("1", "2", null);
  const facts = fc.record({ [a]: value, [b]: value, deployKeys: value }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(program, fc.array(facts, { maxLength: 6 }), facts, async (tree, earlier, now) => {
      const cache = mkdtempSync(path.join(folder, "run-"));
      for (const known of earlier) {
        const answer = evaluate(tree, known);
        if (answer.kind === "hit") await writeCache(cache, key, answer.evaluated);
      }
      const answer = await readCache(cache, key, source(now));
      if (answer.kind !== "miss") expect(answer).toEqual(evaluate(tree, now));
      const same = earlier.some((known) => JSON.stringify(known) === JSON.stringify(now));
      if (same) expect(answer.kind === "miss" ? evaluate(tree, now).kind : "answered").not.toBe("hit");
    }),
    { numRuns: 60 },
  );
});

describe("what is kept", () => {
  const entries = () => readdirSync(path.join(folder, "evaluations"), { recursive: true, encoding: "utf8" });

  test("few results a key, the newest ones", async () => {
    for (let index = 0; index < 12; index++) {
      await writeCache(folder, key, entry("x", [[a, String(index)]]));
      const keyFolder = path.join(
        folder,
        "evaluations",
        readdirSync(path.join(folder, "evaluations"))[0] ?? "",
      );
      for (const name of readdirSync(keyFolder)) {
        const file = path.join(keyFolder, name);
        // Files of one millisecond have no order.
        utimesSync(file, 0, 0);
      }
    }
    expect(entries().filter((name) => name.endsWith(".json"))).toHaveLength(8);
    expect(await readCache(folder, key, source({ [a]: "11" }))).toMatchObject({ kind: "hit" });
  });

  test("nothing that was not touched for a month", async () => {
    await writeCache(folder, key, entry("old", []));
    const old = path.join(folder, "evaluations", readdirSync(path.join(folder, "evaluations"))[0] ?? "");
    await writeCache(folder, { ...key, host: "new" }, entry("new", []));
    const seconds = Date.now() / 1000 - 31 * 24 * 3600;
    utimesSync(old, seconds, seconds);
    await removeOldEvaluations(folder);
    expect((await readCache(folder, key, source({}))).kind).toBe("miss");
    expect((await readCache(folder, { ...key, host: "new" }, source({}))).kind).toBe("hit");
  });
});

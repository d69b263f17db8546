import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import {
  type FactPath,
  type FactSource,
  type FactValue,
  factValueSchema,
  type StaticFacts,
} from "../../../model/facts/facts.ts";
import { stableJson } from "../../../model/json/json.ts";
import { systemSchema } from "../../../model/protocol/connection.ts";
import { readRecord, writeRecord } from "../../platform/json-file.ts";
import { derivationsExist, type EvaluationBackend } from "./backend.ts";

/** All that decides an evaluation, except the facts that appear later. */
export interface EvaluationKey {
  /** What the user's flake is at this moment (`FlakeSource.identity`). */
  readonly identity: string;
  readonly host: string;
  readonly attribute: string;
  readonly fixed: StaticFacts;
  /** Version of our own Nix code. */
  readonly wrapperVersion: string;
}

const factPathSchema = z.custom<FactPath>(
  (path) => typeof path === "string" && /^(deployKeys|hosts\..+\.[a-zA-Z0-9]+|facts\..+)$/.test(path),
);

const evaluatedSchema = z.strictObject({
  /** Facts the host read, in the order it read them. */
  usedFacts: z.array(z.tuple([factPathSchema, factValueSchema])),
  system: systemSchema,
  /** Warnings the configuration itself gave. */
  warnings: z.array(z.string()),
});
/** Result of one evaluation, and under which facts it holds. */
export type Evaluated = z.infer<typeof evaluatedSchema>;

/** What the cache can say without Nix. */
export type CacheAnswer =
  | { readonly kind: "hit"; readonly evaluated: Evaluated }
  | { readonly kind: "unknown"; readonly waitingFor: FactPath; readonly until: string }
  | { readonly kind: "miss" };

const entriesPerKey = 8;
const daysKept = 30;

/**
 * Searches for a result that still holds. Evaluation is deterministic: as long as the facts read so far have an entry's values, the next
 * fact it lists is the next one that would be read, so an unknown one decides the answer.
 */
export async function readCache(
  cacheRoot: string,
  key: EvaluationKey,
  facts: FactSource,
  backend: Pick<EvaluationBackend, "holds"> = { holds: derivationsExist },
): Promise<CacheAnswer> {
  const folder = keyFolder(cacheRoot, key);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(".json")) continue;
    const evaluated = await readRecord(path.join(folder, name), evaluatedSchema);
    if (evaluated === undefined) continue;
    const answer = await compare(evaluated, facts, backend);
    if (answer.kind !== "miss") return answer;
  }
  return { kind: "miss" };
}

async function compare(
  evaluated: Evaluated,
  facts: FactSource,
  backend: Pick<EvaluationBackend, "holds">,
): Promise<CacheAnswer> {
  for (const [waitingFor, value] of evaluated.usedFacts) {
    const fact = await facts.settle(waitingFor);
    if (!fact.known) return { kind: "unknown", waitingFor, until: fact.until };
    if (!sameFact(fact.value, value)) return { kind: "miss" };
  }
  return backend.holds(evaluated.system) ? { kind: "hit", evaluated } : { kind: "miss" };
}

function sameFact(a: FactValue, b: FactValue): boolean {
  return stableJson(a) === stableJson(b);
}

/** Remembers a result; keeps the newest few of each key. */
export async function writeCache(cacheRoot: string, key: EvaluationKey, evaluated: Evaluated): Promise<void> {
  const folder = keyFolder(cacheRoot, key);
  await writeRecord(path.join(folder, `${hash(evaluated.usedFacts)}.json`), evaluated);
  for (const { file } of (await filesByAge(folder)).slice(entriesPerKey)) await rm(file, { force: true });
}

/** Removes keys without an entry of the last month. */
export async function removeOldEvaluations(cacheRoot: string): Promise<void> {
  const oldest = Date.now() - daysKept * 24 * 3600 * 1000;
  for (const { file, mtimeMs } of await filesByAge(path.join(cacheRoot, "evaluations")))
    if (mtimeMs < oldest) await rm(file, { recursive: true, force: true });
}

async function filesByAge(folder: string): Promise<{ file: string; mtimeMs: number }[]> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, mtimeMs: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs);
}

function keyFolder(cacheRoot: string, key: EvaluationKey): string {
  return path.join(cacheRoot, "evaluations", hash(key));
}

function hash(value: unknown): string {
  return createHash("sha256").update(stableJson(value)).digest("hex").slice(0, 32);
}

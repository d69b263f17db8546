import { readFile } from "node:fs/promises";
import {
  type DeployedFacts,
  type FactDifference,
  factDifferences,
  factsText,
  missingFacts,
  writtenFacts,
} from "../../../model/facts/facts-file.ts";
import { replaceFile } from "../../platform/replace-file.ts";
import { StepError } from "../../platform/step-error.ts";
import type { FactsTarget } from "./targets.ts";

/** How a file compares with the facts it should hold. */
export type FactsFile =
  | { readonly kind: "missing" | "current" }
  /** `differences` is empty where only the form differs. */
  | { readonly kind: "stale"; readonly differences: readonly FactDifference[] };

/** Compares a file with the facts; facts that are not known count as not there. */
export async function compareFacts(facts: DeployedFacts, target: FactsTarget): Promise<FactsFile> {
  const text = await read(target.file);
  if (text === undefined) return { kind: "missing" };
  const wanted = writtenFacts(facts, target.configurations);
  if (text === factsText(wanted)) return { kind: "current" };
  return { kind: "stale", differences: factDifferences(text, wanted) };
}

/**
 * Writes the facts, all or nothing; a file that holds them already is not touched.
 * @returns how the file compared before
 * @throws StepError naming every fact that is not known
 */
export async function writeFacts(facts: DeployedFacts, target: FactsTarget): Promise<FactsFile> {
  const missing = missingFacts(facts);
  if (missing.length > 0)
    throw new StepError({
      step: "writing the facts",
      seen: missing.map(({ path, until }) => `${path} is not known until ${until}`).join("; "),
      next: "pulumi up; hosts built with a part of the facts would not be the ones it deploys",
    });
  const before = await compareFacts(facts, target);
  if (before.kind !== "current")
    await replaceFile(target.file, factsText(writtenFacts(facts, target.configurations)));
  return before;
}

/** undefined: there is no such file. */
async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new StepError({
      step: "reading the written facts",
      seen: error instanceof Error ? error.message : String(error),
    });
  }
}

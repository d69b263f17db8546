import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Fact, type FactPath, type FactSource, factPaths } from "../../model/facts/facts.ts";
import type { DeployedFacts } from "../../model/facts/facts-file.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { compareFacts, type FactsFile } from "../../runtime/operations/facts/facts-file.ts";
import { factsTargets } from "../../runtime/operations/facts/targets.ts";

/** Facts a warning names one by one. */
const namedAtMost = 3;

/**
 * Stack output `facts`. Marked a secret, so that the facts of all hosts are not printed with every update; it holds none.
 * @returns `DeployedFacts`
 */
export function factsOutput(
  facts: FactSource,
  inventory: Inventory,
  projectRoot: string,
): pulumi.Output<unknown> {
  const deployed: Promise<unknown> = deployedFacts(facts, inventory, projectRoot);
  return pulumi.secret(deployed);
}

/**
 * The facts once all of them are known, or known to be unknown. Warns of files written by
 * `fleet facts export` that say anything else: others build from them.
 * @internal
 */
export async function deployedFacts(
  facts: FactSource,
  inventory: Inventory,
  projectRoot: string,
): Promise<DeployedFacts> {
  const settled = await Promise.all(
    factPaths(facts.fixed).map(async (path) => [path, await settledFact(facts, path)] as const),
  );
  const known = settled.flatMap(([path, fact]) => (fact.known ? [[path, fact.value] as const] : []));
  const unknown = settled.flatMap(([path, fact]) => (fact.known ? [] : [[path, fact.until] as const]));
  const sources = inventory.hosts.map(({ name, source }) => {
    if (source.kind === "closure") return [name, null] as const;
    return [name, { flake: source.flake, attribute: source.attribute }] as const;
  });
  const deployed: DeployedFacts = {
    fixed: facts.fixed,
    known: Object.fromEntries(known),
    unknown: Object.fromEntries(unknown),
    sources: Object.fromEntries(sources),
  };
  await warnOfStaleFiles(deployed, projectRoot);
  return deployed;
}

/** What failed is reported where it failed. */
async function settledFact(facts: FactSource, path: FactPath): Promise<Fact> {
  return facts.settle(path).catch(() => ({ known: false, until: "what it comes from is in order" }));
}

async function warnOfStaleFiles(facts: DeployedFacts, projectRoot: string): Promise<void> {
  for (const { file, state } of await writtenFiles(facts, projectRoot)) {
    if (state.kind !== "stale") continue;
    const name = path.relative(projectRoot, file);
    const next = pulumi.runtime.isDryRun()
      ? "after the update: npx fleet facts export"
      : "npx fleet facts export";
    await pulumi.log.warn(
      `${name} does not hold the facts of the stack (${changed(state)}): other tools build other systems from it. ${next}`,
    );
  }
}

/** Empty where there are none, also because a flake is not there: its hosts say so. */
async function writtenFiles(facts: DeployedFacts, projectRoot: string) {
  try {
    const targets = factsTargets(facts, projectRoot);
    return await Promise.all(
      targets.map(async (target) => ({ file: target.file, state: await compareFacts(facts, target) })),
    );
  } catch {
    return [];
  }
}

function changed({ differences }: Extract<FactsFile, { kind: "stale" }>): string {
  if (differences.length === 0) return "its form";
  const named = differences.slice(0, namedAtMost).map(({ path }) => path);
  const more = differences.length - named.length;
  return more === 0 ? named.join(", ") : `${named.join(", ")} and ${more} more`;
}

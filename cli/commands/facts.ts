import path from "node:path";
import type { DynamicFactName } from "../../model/facts/facts.ts";
import { type DeployedFacts, type FactDifference, factText } from "../../model/facts/facts-file.ts";
import { inNaturalOrder } from "../../model/naming/format-hosts.ts";
import { compareFacts, type FactsFile, writeFacts } from "../../runtime/operations/facts/facts-file.ts";
import { type FactsTarget, factsTargets } from "../../runtime/operations/facts/targets.ts";
import { factsOf, readStackOutputs, type StackSelection } from "../../runtime/pulumi/outputs.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";

/** Prints the facts of a stack: a table, or all there is as JSON. */
export async function printFacts(selection: StackSelection, view: Omit<View, "signal">): Promise<void> {
  const deployed = factsOf(await readStackOutputs(selection));
  print(view, deployed, () => factsTable(deployed));
}

/** Where facts are written, and how it is said. */
export interface WrittenFactsOptions {
  /** Folder in place of that of each flake. */
  readonly to: string | undefined;
  readonly write: (text: string) => void;
}

/** Writes the facts of a stack into its flakes. */
export async function exportFacts(
  selection: StackSelection,
  { to, write }: WrittenFactsOptions,
): Promise<void> {
  const deployed = factsOf(await readStackOutputs(selection));
  for (const target of factsTargets(deployed, selection.projectRoot, to)) {
    const lines = writtenLines(relativeFile(selection, target), await writeFacts(deployed, target));
    write(`${lines.join("\n")}\n`);
  }
}

/**
 * Compares the facts of a stack with what is written in its flakes.
 * @returns 0; 1 where the written ones are not the facts of the stack
 */
export async function checkFacts(
  selection: StackSelection,
  { to, write }: WrittenFactsOptions,
): Promise<number> {
  const deployed = factsOf(await readStackOutputs(selection));
  const targets = factsTargets(deployed, selection.projectRoot, to);
  const states = await Promise.all(targets.map((target) => compareFacts(deployed, target)));
  for (const [index, target] of targets.entries())
    write(`${checkedLines(relativeFile(selection, target), states[index]).join("\n")}\n`);
  return states.every(({ kind }) => kind === "current") ? 0 : 1;
}

function relativeFile({ projectRoot }: StackSelection, { file }: FactsTarget): string {
  return path.relative(projectRoot, file);
}

/** One row a host; below them the facts that belong to none. @internal */
export function factsTable(deployed: DeployedFacts): string {
  const { fixed, known } = deployed;
  const rows = inNaturalOrder(Object.keys(fixed.hosts)).map((host) => {
    const { tags, privateAddresses } = fixed.hosts[host] ?? { tags: [], privateAddresses: {} };
    const fact = (name: DynamicFactName) => {
      const value = known[`hosts.${host}.${name}`];
      return value === null ? "" : factText(value);
    };
    const inNetworks = Object.entries(privateAddresses).map(([network, address]) => `${network}: ${address}`);
    return [host, fact("ipv4"), fact("ipv6"), inNetworks.join("\n"), tags.join(", ")];
  });
  const own = fixed.customFacts.map((name) => `facts.${name}: ${factText(known[`facts.${name}`])}`);
  return [textTable(["host", "IPv4", "IPv6", "private", "tags"], rows), ...own].join("\n");
}

/** What writing a file has done, and what is left to do. @internal */
export function writtenLines(file: string, before: FactsFile): string[] {
  switch (before.kind) {
    case "current":
      return [`${file} holds the facts of the stack already`];
    case "stale":
      return [`${file} written`, ...before.differences.map(differenceLine)];
    case "missing":
      return [
        `${file} written`,
        "  next: `git add` it, as Nix sees only what Git knows, and have the flake read it:",
        "  nixosConfigurations = withFacts ./facts { … }; (docs/howto/work-beside-other-tools.md)",
      ];
  }
}

/** How a file compares with the facts. @internal */
export function checkedLines(file: string, state: FactsFile | undefined): string[] {
  switch (state?.kind) {
    case "current":
      return [`${file} holds the facts of the stack`];
    case "stale":
      return [
        `${file} does not hold the facts of the stack: npx fleet facts export`,
        ...state.differences.map(differenceLine),
      ];
    default:
      return [`${file} is not there: npx fleet facts export`];
  }
}

function differenceLine({ path: fact, written, actual }: FactDifference): string {
  return `  ${fact}: ${actual ?? "nothing"} in the stack, ${written ?? "nothing"} in the file`;
}

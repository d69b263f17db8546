import { realpathSync } from "node:fs";
import path from "node:path";
import type { DeployedFacts } from "../../../model/facts/facts-file.ts";
import { parseFlakeReference } from "../../nix/sources/flake-reference.ts";
import { StepError } from "../../platform/step-error.ts";

/** A flake that facts are written into, and its hosts. */
export interface FactsTarget {
  /** Absolute. */
  readonly file: string;
  /** By host: its name under `nixosConfigurations`. */
  readonly configurations: Readonly<Record<string, string>>;
}

/** One flake of the stack. */
interface Flake {
  readonly reference: string;
  /** Its own folder; null: it is none on this machine. */
  readonly folder: string | null;
  readonly configurations: Record<string, string>;
}

type Deployed = Pick<DeployedFacts, "fixed" | "sources">;

/**
 * Where facts are written: into `facts/<stack>.json` of every flake of the stack that is a folder here.
 * @param to another folder, relative to the project; it decides for one flake
 * @throws StepError when there is no such flake, or `to` does not show which of several is meant
 */
export function factsTargets(facts: Deployed, projectRoot: string, to?: string): FactsTarget[] {
  const flakes = flakesOf(facts, projectRoot);
  const name = `${facts.fixed.stack}.json`;
  if (to !== undefined) {
    const folder = path.resolve(projectRoot, to);
    return [{ file: path.join(folder, name), configurations: flakeFor(folder, flakes).configurations }];
  }
  const local = flakes.flatMap(({ folder, configurations }) =>
    folder === null ? [] : [{ file: path.join(folder, "facts", name), configurations }],
  );
  if (local.length > 0) return local;
  throw targetError(
    flakes.length === 0
      ? "no host of the stack uses a flake"
      : `no flake of the stack is a local folder: ${referencesOf(flakes)}`,
    flakes.length === 0
      ? "nothing has to be written: `fleet facts --json` prints the facts"
      : "name the folder in a clone of it: --to <clone>/facts",
  );
}

/** Each flake once, however its hosts write it. */
function flakesOf({ sources }: Deployed, projectRoot: string): Flake[] {
  const flakes = new Map<string, Flake>();
  for (const [host, source] of Object.entries(sources)) {
    if (source === null) continue;
    const parsed = parseFlakeReference(source.flake, projectRoot);
    const here = parsed.kind === "work-tree" || parsed.kind === "folder";
    const folder = here ? path.join(parsed.root, parsed.dir) : null;
    const key = folder ?? parsed.url;
    const flake = flakes.get(key) ?? { reference: source.flake, folder, configurations: {} };
    flake.configurations[host] = source.attribute;
    flakes.set(key, flake);
  }
  return [...flakes.values()];
}

/** The flake a folder is in, the innermost of several; outside of all of them the only one there is. */
function flakeFor(folder: string, flakes: readonly Flake[]): Flake {
  const around = flakes
    .filter((flake) => flake.folder !== null && isBelow(folder, flake.folder))
    .sort((a, b) => (b.folder ?? "").length - (a.folder ?? "").length)[0];
  if (around !== undefined) return around;
  const [only, ...others] = flakes;
  if (only !== undefined && others.length === 0) return only;
  throw targetError(
    only === undefined
      ? "no host of the stack uses a flake"
      : `${folder} is in none of the stack's flakes: ${referencesOf(flakes)}`,
    "name a folder in one of them",
  );
}

/** `parent` has no links any more. */
function isBelow(folder: string, parent: string): boolean {
  const relative = path.relative(parent, withoutLinks(folder));
  return relative === "" || !(relative.startsWith("..") || path.isAbsolute(relative));
}

/** The folder itself may not be there yet. */
function withoutLinks(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(withoutLinks(parent), path.basename(folder));
  }
}

function referencesOf(flakes: readonly Flake[]): string {
  return flakes.map(({ reference }) => reference).join(", ");
}

function targetError(seen: string, next: string): StepError {
  return new StepError({ step: "finding the flake to write facts into", seen, next });
}

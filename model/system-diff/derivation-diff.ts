import type { Closure, PackageChange } from "./closure-diff.ts";
import { compareVersions, packageName } from "./store-name.ts";

/** What evaluation alone knows of a change: nothing of the new system was built. */
export interface DerivationDiff {
  /** Packages of the running system that the new one has in other versions, or that nothing of it is built from. By name. */
  readonly packages: readonly PackageChange[];
  /** Paths of the running system that are rebuilt with the version they have. */
  readonly rebuilt: number;
  /** Packages the build needs that the build of the running system did not: they will run, or they only build others. By name. */
  readonly appearing: readonly PackageChange[];
}

/**
 * Compares a running closure with all that the new system could consist of: the outputs and sources of every derivation its build
 * needs. Those are more than will run (compilers, say), so a package that only appears there is not of interest; one of the running system
 * that does not appear there is gone for certain.
 * @param runningBuildable the same of the running system, for what appears; undefined: it is not known any more
 */
export function diffDerivations(
  running: Closure,
  buildable: ReadonlySet<string>,
  runningBuildable?: ReadonlySet<string>,
): DerivationDiff {
  const gone = [...running.keys()].filter((path) => !buildable.has(path)).map(packageName);
  const possible = versionsOf(buildable, new Set(gone.map(({ name }) => name)));
  const packages = new Map<string, { before: Set<string>; after: Set<string> }>();
  let rebuilt = 0;
  for (const { name, version } of gone) {
    if (version === "") continue;
    const versions = possible.get(name) ?? new Set();
    if (versions.has(version)) {
      rebuilt += 1;
      continue;
    }
    const change = packages.get(name) ?? { before: new Set(), after: versions };
    change.before.add(version);
    packages.set(name, change);
  }
  return {
    packages: [...packages].sort(byName).map(toChange),
    rebuilt,
    appearing:
      runningBuildable === undefined ? [] : newNames(buildable, [...runningBuildable, ...running.keys()]),
  };
}

function newNames(buildable: ReadonlySet<string>, known: readonly string[]): PackageChange[] {
  const names = new Set(known.map((path) => packageName(path).name));
  const unknown = [...buildable].map((path) => packageName(path).name).filter((name) => !names.has(name));
  return [...versionsOf(buildable, new Set(unknown))]
    .map(([name, versions]) => ({ name, before: [], after: sorted(versions) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function versionsOf(paths: ReadonlySet<string>, names: ReadonlySet<string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of paths) {
    const { name, version } = packageName(path);
    if (version !== "" && names.has(name)) found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  return found;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function toChange([name, { before, after }]: [
  string,
  { before: Set<string>; after: Set<string> },
]): PackageChange {
  return { name, before: sorted(before), after: sorted(after) };
}

const sorted = (versions: ReadonlySet<string>) => [...versions].sort(compareVersions);

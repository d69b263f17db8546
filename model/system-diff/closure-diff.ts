import { compareVersions, packageName } from "./store-name.ts";

/** Store path → size of its contents in bytes (`narSize`), null where it is not built yet. */
export type Closure = ReadonlyMap<string, number | null>;

/** One package whose set of versions differs. Versions are sorted; an empty list: the side has none of it. */
export interface PackageChange {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What two closures differ in. */
export interface ClosureDiff {
  /** By name. Only packages that have a version on one of the sides. */
  readonly packages: readonly PackageChange[];
  /** Paths of the new closure whose package has the same versions before: rebuilt. */
  readonly rebuilt: number;
  /** Paths without a version, which are files of the configuration: in the new closure only, in the old one only. */
  readonly files: { readonly added: number; readonly removed: number };
  /** Bytes of the new closure, and how many more than before; null where a size is not known. */
  readonly size: { readonly after: number; readonly difference: number } | null;
}

/** Compares two closures path by path, and what differs package by package. */
export function diffClosures(before: Closure, after: Closure): ClosureDiff {
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const added = [...after.keys()].filter((path) => !before.has(path));
  const packages = changedPackages(before, after, [...removed, ...added]);
  const changed = new Set(packages.map(({ name }) => name));
  const versioned = added.map(packageName).filter(({ version }) => version !== "");
  return {
    packages,
    rebuilt: versioned.filter(({ name }) => !changed.has(name)).length,
    files: { added: countFiles(added), removed: countFiles(removed) },
    size: compareSizes(before, after),
  };
}

function changedPackages(before: Closure, after: Closure, paths: readonly string[]): PackageChange[] {
  const names = new Set(paths.map((path) => packageName(path).name));
  const old = versionsByName(before, names);
  const wanted = versionsByName(after, names);
  return [...names]
    .sort()
    .map((name) => ({ name, before: old.get(name) ?? [], after: wanted.get(name) ?? [] }))
    .filter((change) => change.before.join("\n") !== change.after.join("\n"));
}

function versionsByName(closure: Closure, names: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const path of closure.keys()) {
    const { name, version } = packageName(path);
    if (version === "" || !names.has(name)) continue;
    found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  return new Map([...found].map(([name, versions]) => [name, [...versions].sort(compareVersions)]));
}

function countFiles(paths: readonly string[]): number {
  return paths.filter((path) => packageName(path).version === "").length;
}

function compareSizes(before: Closure, after: Closure): ClosureDiff["size"] {
  const old = total(before);
  const wanted = total(after);
  return old === null || wanted === null ? null : { after: wanted, difference: wanted - old };
}

function total(closure: Closure): number | null {
  let sum = 0;
  for (const size of closure.values()) {
    if (size === null) return null;
    sum += size;
  }
  return sum;
}

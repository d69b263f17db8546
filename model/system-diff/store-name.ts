/** What the name of a store path says of a package. */
export interface PackageName {
  readonly name: string;
  /** Empty: it has none, as files of the configuration do. */
  readonly version: string;
}

/** Names that nixpkgs gives to outputs other than `out` (`meta.outputsToInstall`, `multiple-outputs.sh`). */
const outputs =
  "bin|data|debug|dev|devdoc|devman|dist|doc|info|lib|libgcc|man|modules|nixos|py|share|static|terminfo|tools";
const outputSuffix = new RegExp(`-(?:${outputs})$`);

/** `/nix/store/<32 characters>-name[-version][-output]` */
const hashLength = 32;

/**
 * Splits a store path's name as Nix does (`DrvName` in src/libstore/names.cc: at the first dash that no letter follows), without the
 * suffix of an output.
 * @param path store path, or the part behind `/nix/store/`
 */
export function packageName(path: string): PackageName {
  const base = path.slice(path.lastIndexOf("/") + 1);
  const full = base.slice(hashLength + 1);
  const dash = full.search(/-(?![a-zA-Z])./);
  if (dash <= 0) return { name: full, version: "" };
  return { name: full.slice(0, dash), version: full.slice(dash + 1).replace(outputSuffix, "") };
}

/**
 * Orders versions as Nix does (`builtins.compareVersions`, Nix manual "nix-env", "Versions"): component by component, numbers as
 * numbers, `pre` before anything else.
 * @returns negative, zero or positive
 */
export function compareVersions(left: string, right: string): number {
  const a = components(left);
  const b = components(right);
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareComponents(a[index] ?? "", b[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function components(version: string): string[] {
  return version.match(/\d+|[^\d.-]+/g) ?? [];
}

function compareComponents(left: string, right: string): number {
  if (left === right) return 0;
  const numbers = [left, right].map((text) => /^\d+$/.test(text));
  if (numbers[0] === true && numbers[1] === true)
    return Number(left) - Number(right) || (left < right ? -1 : 1);
  if (left === "" && numbers[1] === true) return -1;
  if (right === "" && numbers[0] === true) return 1;
  if (left === "pre") return -1;
  if (right === "pre") return 1;
  // A number is newer than a word.
  if (numbers[1] === true) return -1;
  if (numbers[0] === true) return 1;
  return left < right ? -1 : 1;
}

import path from "node:path";
import type { ComponentFact } from "./component.ts";
import { isBundled } from "./pulumi.ts";

/** For root as the only user, without daemon, sandbox or any store but the one at /nix. */
const privateNixConfig = [
  "experimental-features = nix-command flakes",
  "sandbox = false",
  // Otherwise a group nixbld has to exist.
  "build-users-group =",
  // Otherwise every build asks cache.nixos.org first, and every flake reference the global registry.
  "substituters =",
  "flake-registry =",
  "filter-syscalls = false",
  "warn-dirty = false",
];

/** A Nix of the user's keeps its own configuration; only what our commands cannot do without is added. */
const addedNixConfig = ["extra-experimental-features = nix-command flakes"];

/**
 * Environment in which the components are the ones chosen. It is to be laid over the caller's; PATH is complete.
 *
 * @param facts every component
 * @param outer the caller's environment
 */
export async function toolchainEnvironment(
  folder: string,
  pulumiHome: string,
  facts: readonly ComponentFact[],
  outer: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const programs = facts.filter((fact) => !fact.name.startsWith("plugin-"));
  const bundled = programs.find((fact) => fact.name === "pulumi");
  return {
    PATH: searchPath(programs, outer["PATH"] ?? ""),
    PULUMI_HOME: pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Plugins on PATH go before those of the home, with a warning each. A language host that is only on PATH needs them.
    ...(bundled !== undefined && (await isBundled(bundled.path))
      ? { PULUMI_IGNORE_AMBIENT_PLUGINS: "true" }
      : {}),
    ...nixEnvironment(
      folder,
      programs.find((fact) => fact.name === "nix"),
      outer["NIX_CONFIG"],
    ),
  };
}

/** Our folders first, then the caller's PATH without them. */
export function searchPath(programs: readonly ComponentFact[], outer: string): string {
  const ours = programs.filter((fact) => fact.origin !== "found").map((fact) => path.dirname(fact.path));
  const rest = outer.split(path.delimiter).filter((entry) => entry !== "" && !ours.includes(entry));
  return [...new Set([...ours, ...rest])].join(path.delimiter);
}

function nixEnvironment(
  folder: string,
  nix: ComponentFact | undefined,
  outer: string | undefined,
): Record<string, string> {
  if (nix === undefined) return {};
  if (nix.origin === "found") return { NIX_CONFIG: withLines(outer, addedNixConfig) };
  const home = path.join(folder, "nix-home");
  return {
    NIX_CONFIG: privateNixConfig.join("\n"),
    // Neither /etc/nix nor the user's settings, caches and profiles belong to this store.
    NIX_CONF_DIR: path.join(home, "etc"),
    NIX_USER_CONF_FILES: "",
    NIX_CACHE_HOME: path.join(home, "cache"),
    NIX_CONFIG_HOME: path.join(home, "config"),
    NIX_STATE_HOME: path.join(home, "state"),
    NIX_DATA_HOME: path.join(home, "data"),
  };
}

function withLines(text: string | undefined, lines: readonly string[]): string {
  const present = text === undefined ? [] : text.split("\n").filter((line) => line.trim() !== "");
  return [...present, ...lines.filter((line) => !present.includes(line))].join("\n");
}

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { ComponentFact, NotFound, SetUpContext } from "./component.ts";
import { askVersion, findOnPath, isExecutable } from "./executable.ts";
import type { PluginPin } from "./pins.ts";
import { compareVersions, formatVersion, isCompatible, parseVersion, type Version } from "./version.ts";

/**
 * Looks for an engine plugin that serves the pinned npm package: in the user's plugin cache, which is only read, then on
 * PATH. The newest compatible one is taken, the exact version first of all, as the engine chooses too.
 */
export async function findPlugin(pin: PluginPin, context: SetUpContext): Promise<ComponentFact | NotFound> {
  const candidates = [...(await inUserCache(pin, context)), ...(await onPath(pin, context))];
  const usable = chooseVersion(candidates, pin.version);
  if (usable !== undefined)
    return {
      name: `plugin-${pin.name}`,
      version: formatVersion(usable.version),
      origin: "found",
      path: usable.path,
    };
  const seen = candidates.map((candidate) => formatVersion(candidate.version)).join(", ");
  return {
    because:
      seen === ""
        ? `no ${pin.name} plugin in the plugin cache or on PATH`
        : `only ${pin.name} ${seen}, not ${pin.version}`,
  };
}

interface Candidate {
  readonly path: string;
  readonly version: Version;
}

/** The pinned version, else the newest of the same major that is at least its minor. */
export function chooseVersion<T extends { readonly version: Version }>(
  candidates: readonly T[],
  pin: string,
): T | undefined {
  const exact = candidates.find((candidate) => formatVersion(candidate.version) === pin);
  return (
    exact ??
    candidates
      .filter((candidate) => isCompatible(candidate.version, pin))
      .sort((a, b) => compareVersions(b.version, a.version))[0]
  );
}

async function inUserCache(pin: PluginPin, context: SetUpContext): Promise<Candidate[]> {
  const { PULUMI_HOME: pulumiHome, HOME: home } = context.environment;
  const root = pulumiHome ?? (home === undefined ? undefined : path.join(home, ".pulumi"));
  if (root === undefined || root === path.join(context.folder, "pulumi-home")) return [];
  const cache = path.join(root, "plugins");
  const prefix = `resource-${pin.name}-v`;
  const names = await readdir(cache).catch((): string[] => []);
  const found: Candidate[] = [];
  for (const name of names) {
    // The engine marks an unfinished download with a file beside it.
    if (!name.startsWith(prefix) || names.includes(`${name}.partial`)) continue;
    const version = parseVersion(name.slice(prefix.length));
    const executable = path.join(cache, name, `pulumi-resource-${pin.name}`);
    if (version !== undefined && (await isExecutable(executable))) found.push({ path: executable, version });
  }
  return found;
}

async function onPath(pin: PluginPin, context: SetUpContext): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const executable of await findOnPath(`pulumi-resource-${pin.name}`, context)) {
    const version = await askVersion(executable, ["-version"], context);
    if (version !== undefined) found.push({ path: executable, version });
  }
  return found;
}

import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";
import type { ComponentFact } from "./component.ts";
import { pluginFolderName } from "./official.ts";

const pluginPrefix = "plugin-";

/**
 * A home for the engine, apart from the user's login and workspaces, whose plugin cache holds links to the chosen plugins:
 * found there (rather than on PATH) they are used without a warning each.
 *
 * @returns the folder for PULUMI_HOME
 */
export async function preparePulumiHome(folder: string, facts: readonly ComponentFact[]): Promise<string> {
  const home = path.join(folder, "pulumi-home");
  const cache = path.join(home, "plugins");
  await mkdir(cache, { recursive: true });
  const wanted = new Map<string, string>();
  for (const fact of facts.filter((one) => one.name.startsWith(pluginPrefix))) {
    const name = fact.name.slice(pluginPrefix.length);
    const entry = pluginFolderName({ name, version: fact.version });
    wanted.set(path.join(entry, `pulumi-resource-${name}`), fact.path);
  }
  for (const [link, target] of wanted) await pointTo(path.join(cache, link), target);
  // An older choice would win or lose by its version number alone.
  const keep = new Set([...wanted.keys()].map((link) => path.dirname(link)));
  for (const entry of await readdir(cache))
    if (!keep.has(entry)) await rm(path.join(cache, entry), { recursive: true, force: true });
  return home;
}

async function pointTo(link: string, target: string): Promise<void> {
  const current = await readlink(link).catch(() => undefined);
  if (current === target) return;
  await mkdir(path.dirname(link), { recursive: true });
  const unfinished = `${link}.${process.pid}.new`;
  await symlink(target, unfinished);
  await rename(unfinished, link);
}

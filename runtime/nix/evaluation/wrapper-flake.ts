import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  dynamicFactNames,
  type FactPath,
  type FactValue,
  type StaticFacts,
} from "../../../model/facts/facts.ts";
import { stableJson } from "../../../model/json/json.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { createInPlace } from "../../platform/replace-file.ts";

/** What the generated flake needs to know: the content of its `request.json`. */
export interface WrapperRequest {
  /** Locked reference to the user's flake. */
  readonly source: string;
  readonly host: string;
  /** Name under `nixosConfigurations` of the user's flake. */
  readonly attribute: string;
  readonly fixed: StaticFacts;
  /** Facts known now; every other one is a throw. */
  readonly known: Readonly<Partial<Record<FactPath, FactValue>>>;
}

/** The files that are the same in every wrapper, by name. */
export type WrapperTemplate = Readonly<Record<string, string>>;

const daysKept = 30;

/** Files of `hosts/modules/facts` that the wrapper shares with flakes that have facts written into them. */
const withHosts = ["modules.nix", "values.nix"] as const;

/** Reads the static Nix files of the wrapper from the package. */
export async function readWrapperTemplate(): Promise<WrapperTemplate> {
  const folder = path.join(packageRoot(), "runtime", "nix", "evaluation", "wrapper");
  const modules = path.join(packageRoot(), "hosts", "modules");
  const own = (await readdir(folder)).filter((name) => name.endsWith(".nix")).sort();
  const sources = [
    ...own.map((name) => [name, path.join(folder, name)] as const),
    ...withHosts.map((name) => [name, path.join(modules, "facts", name)] as const),
    ["fleet.nix", path.join(modules, "fleet.nix")] as const,
  ];
  const files = sources.map(async ([name, file]) => [name, await readFile(file, "utf8")] as const);
  return Object.fromEntries(await Promise.all(files));
}

/** Changes when the wrapper's own Nix code does: results of another version are never reused. */
export function templateVersion(template: WrapperTemplate): string {
  return contentHash(template);
}

/**
 * Puts the wrapper flake into `<cacheRoot>/wrappers/<content hash>/`: complete or not at all, and the same folder for the same content.
 * @returns its absolute path
 */
export async function writeWrapper(
  request: WrapperRequest,
  template: WrapperTemplate,
  cacheRoot: string,
): Promise<string> {
  const files = { ...template, "request.json": `${stableJson({ ...request, dynamicFactNames })}\n` };
  const folder = path.join(path.resolve(cacheRoot), "wrappers", contentHash(files));
  if (await touch(folder)) return folder;
  const write = async (temporary: string) => {
    await mkdir(temporary);
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(temporary, name), content);
  };
  await createInPlace(path.dirname(folder), write, () => folder).catch(async (error: unknown) => {
    // Another run was faster: its folder has the same content.
    if (!(await touch(folder))) throw error;
  });
  return folder;
}

/** Marks a folder as in use; false when there is none. */
async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

/** Installable of the host's toplevel in a wrapper: what `nix build` and nixos-anywhere's `--flake` take. */
export function toplevelInstallable(wrapper: string, host: string): string {
  return `path:${encodeURI(wrapper)}#nixosConfigurations.${JSON.stringify(host)}.config.system.build.toplevel`;
}

/** Removes wrappers (and leftovers of killed runs) not used for a month. */
export async function removeOldWrappers(cacheRoot: string): Promise<void> {
  const parent = path.join(cacheRoot, "wrappers");
  const oldest = Date.now() - daysKept * 24 * 3600 * 1000;
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = path.join(parent, name);
    const stats = await stat(folder).catch(() => undefined);
    if (stats !== undefined && stats.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
  }
}

function contentHash(files: WrapperTemplate): string {
  return createHash("sha256").update(stableJson(files)).digest("hex").slice(0, 32);
}

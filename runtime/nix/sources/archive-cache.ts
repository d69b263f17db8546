import { createWriteStream, existsSync } from "node:fs";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { readRecord, writeRecord } from "../../platform/json-file.ts";
import { createInPlace } from "../../platform/replace-file.ts";
import { integrity, sourceStorePath } from "../store-path.ts";
import { type FileTree, writeNar } from "./nar.ts";

/** A source tree kept as a Nix archive, for machines that evaluate it. */
export interface Archive {
  /** Path it has in any Nix store. */
  readonly storePath: string;
  /** `sha256-…` of the archive. */
  readonly hash: string;
}

const daysKept = 30;
const companionsSchema = z.strictObject({ localInputs: z.array(z.string().startsWith("/nix/store/")) });

/** File of an archive: `<cacheRoot>/archives/<name of the store path>.nar`. */
export function archiveFile(cacheRoot: string, storePath: string): string {
  return path.join(cacheRoot, "archives", `${path.basename(storePath)}.nar`);
}

/** Archives a tree: whole or not at all, and readable by its owner only. */
export async function archiveTree(tree: FileTree, cacheRoot: string): Promise<Archive> {
  const folder = path.join(cacheRoot, "archives");
  const write = (temporary: string) => writeNar(tree, createWriteStream(temporary, { mode: 0o600 }));
  const fileOf = (sha256: Buffer) => archiveFile(cacheRoot, sourceStorePath(sha256));
  const sha256 = await createInPlace(folder, write, fileOf, 0o700);
  return { storePath: sourceStorePath(sha256), hash: integrity(sha256) };
}

/** Notes which other trees (local inputs) a flake needs besides its own. */
export async function recordLocalInputs(
  cacheRoot: string,
  storePath: string,
  localInputs: readonly string[],
): Promise<void> {
  await writeRecord(companionsFile(cacheRoot, storePath), { localInputs });
}

/** A flake's own tree and those noted for it; undefined when one of them is not in the cache. */
export async function archivesOf(
  cacheRoot: string,
  storePath: string,
): Promise<readonly string[] | undefined> {
  const record = await readRecord(companionsFile(cacheRoot, storePath), companionsSchema);
  const all = [storePath, ...(record?.localInputs ?? [])];
  const files = all.map((each) => archiveFile(cacheRoot, each));
  if (record === undefined || !files.every((file) => existsSync(file))) return undefined;
  const now = new Date();
  for (const file of files) await utimes(file, now, now);
  return all;
}

/** Whether `archivesOf` can be expected to find a tree. */
export function isArchived(cacheRoot: string, storePath: string): boolean {
  return existsSync(archiveFile(cacheRoot, storePath)) && existsSync(companionsFile(cacheRoot, storePath));
}

function companionsFile(cacheRoot: string, storePath: string): string {
  return path.join(cacheRoot, "archives", `${path.basename(storePath)}.json`);
}

/** Removes archives (and leftovers of killed runs) not used for a month. */
export async function removeOldArchives(cacheRoot: string): Promise<void> {
  const folder = path.join(cacheRoot, "archives");
  const oldest = Date.now() - daysKept * 24 * 3600 * 1000;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats !== undefined && stats.mtimeMs < oldest) await rm(file, { force: true });
  }
}

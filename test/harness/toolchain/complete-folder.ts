import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Made } from "./component.ts";
import { withFileLock } from "./file-lock.ts";

const marker = ".complete.json";
const madeSchema = z.strictObject({ version: z.string(), executable: z.string() });

/** What `folder` holds, or undefined when it is missing, unfinished or its executable is gone. */
export async function readComplete(folder: string): Promise<Made | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(folder, marker), "utf8");
  } catch {
    return undefined;
  }
  const made = madeSchema.parse(JSON.parse(text));
  return existsSync(path.join(folder, made.executable)) ? made : undefined;
}

/**
 * Makes a folder unless it is complete. It is filled at its final path (an ELF interpreter is an absolute path), and counts
 * only once its marker is there, which is written last: an interrupted attempt is cleared away by the next one. Two
 * processes never fill it at the same time.
 */
export async function completeFolder(
  folder: string,
  signal: AbortSignal,
  make: () => Promise<Made>,
): Promise<Made> {
  const known = await readComplete(folder);
  if (known !== undefined) return known;
  const lock = path.join(path.dirname(folder), "locks", path.basename(folder));
  return await withFileLock(lock, signal, async () => {
    const settled = await readComplete(folder);
    if (settled !== undefined) return settled;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const made = await make();
    if (!existsSync(path.join(folder, made.executable)))
      throw new Error(`${folder} was made without its ${made.executable}`);
    const unfinished = path.join(folder, `${marker}.new`);
    await writeFile(unfinished, `${JSON.stringify(made)}\n`);
    await rename(unfinished, path.join(folder, marker));
    return made;
  });
}

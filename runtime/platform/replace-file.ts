import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

/** Permissions of what is created; default: those of any new file or folder. */
export interface FileModes {
  readonly mode?: number;
  /** Of its folder, where that is created too. */
  readonly folderMode?: number;
}

/**
 * Gives a file another content so that readers see the old one or the new one, also after a crash or a power cut. Makes its folder if need
 * be.
 */
export async function replaceFile(
  file: string,
  content: string,
  { mode, folderMode }: FileModes = {},
): Promise<void> {
  const write = (temporary: string) => writeFile(temporary, content, mode === undefined ? {} : { mode });
  await createInPlace(path.dirname(file), write, () => file, folderMode);
}

/**
 * As `replaceFile`, for a file or a whole folder that is written piece by piece. A failure leaves nothing behind.
 * @param make makes it under a temporary name in `folder`
 * @param target the path it gets, in the same folder
 */
export async function createInPlace<T>(
  folder: string,
  make: (temporary: string) => Promise<T>,
  target: (made: T) => string,
  folderMode?: number,
): Promise<T> {
  await mkdir(folder, { recursive: true, ...(folderMode === undefined ? {} : { mode: folderMode }) });
  const temporary = path.join(folder, `${randomUUID()}.tmp`);
  try {
    const made = await make(temporary);
    await syncTree(temporary);
    await rename(temporary, target(made));
    await sync(folder);
    return made;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Brings a file, or a folder with all it holds, to the disk: a rename may get there before the content it names (fsync(2)). */
async function syncTree(entry: string): Promise<void> {
  if ((await stat(entry)).isDirectory())
    await Promise.all((await readdir(entry)).map((name) => syncTree(path.join(entry, name))));
  await sync(entry);
}

async function sync(entry: string): Promise<void> {
  await using handle = await open(entry, "r");
  await handle.sync();
}

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { MachineRoot } from "./machine-root.ts";
import { must } from "./must.ts";
import { stockImage } from "./stock-images.ts";

/** Makes a sparse file of the given size, empty. */
export async function createBlankImage(file: string, sizeMiB: number): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, "w", 0o600);
  try {
    await handle.truncate(sizeMiB * 1024 * 1024);
  } finally {
    await handle.close();
  }
}

const firstPartitionMiB = 1;
const smallestDiskMiB = 64;

/**
 * Makes a disk with a stock image on it: a GPT with one ext4 partition that holds what differs from the shared base. The
 * result is kept beside the base and copied from then on, with its UUIDs, as clouds do.
 *
 * @throws Error for an unknown image or a disk that is too small
 */
export async function createStockDisk(
  root: MachineRoot,
  file: string,
  sizeMiB: number,
  image: string,
): Promise<void> {
  if (sizeMiB < smallestDiskMiB)
    throw new Error(`a disk of ${sizeMiB} MiB is too small for an image: ${smallestDiskMiB} MiB at least`);
  const master = path.join(root.images, `${image}-${sizeMiB}.img`);
  if (!existsSync(master)) {
    const unfinished = path.join(root.images, `.${randomUUID()}`);
    await mkdir(root.images, { recursive: true });
    try {
      await buildStockDisk(root, `${unfinished}.img`, sizeMiB, image, `${unfinished}.content`);
      await rename(`${unfinished}.img`, master);
    } finally {
      await rm(`${unfinished}.content`, { recursive: true, force: true });
      await rm(`${unfinished}.img`, { force: true });
    }
  }
  await rm(file, { force: true });
  await must("cp", ["--sparse=always", "--reflink=auto", master, file]);
}

async function buildStockDisk(
  root: MachineRoot,
  file: string,
  sizeMiB: number,
  image: string,
  content: string,
): Promise<void> {
  const { osRelease } = stockImage(image);
  await mkdir(path.join(content, "upper", "etc"), { recursive: true });
  await mkdir(path.join(content, "work"));
  await writeFile(path.join(content, "stock-image"), `${image}\n`);
  await writeFile(path.join(content, "upper", "etc", "os-release"), `${osRelease.join("\n")}\n`);
  await createBlankImage(file, sizeMiB);
  const table = `label: gpt\nstart=${firstPartitionMiB}MiB, type=linux, name="cloudimg-rootfs"\n`;
  await fromBase(root, "sfdisk", ["--quiet", file], table);
  const offset = `offset=${firstPartitionMiB * 1024 * 1024},lazy_itable_init=1,lazy_journal_init=1`;
  const format = ["-q", "-F", "-t", "ext4", "-L", "cloudimg-rootfs", "-E", offset, "-d", content, file];
  // The last MiB belongs to the second copy of the partition table.
  await fromBase(root, "mke2fs", [...format, `${sizeMiB - firstPartitionMiB - 1}M`]);
}

/** Runs a program of the machines' base, which the operator's machine may lack. */
async function fromBase(
  root: MachineRoot,
  program: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  const usr = path.join(root.base, "usr");
  const libraryFolders = await readdir(path.join(usr, "lib"));
  const libraries = path.join(usr, "lib", libraryFolders.find((name) => name.endsWith("-linux-gnu")) ?? "");
  const loader = (await readdir(libraries)).find((name) => /^ld-linux-.*\.so\.\d+$/.test(name));
  if (loader === undefined) throw new Error(`no dynamic loader in ${libraries}: remove ${root.base}`);
  const command = ["--library-path", libraries, path.join(usr, "sbin", program), ...args];
  return await must(path.join(libraries, loader), command, { input });
}

import { existsSync } from "node:fs";
import { copyFile, mkdir, open, readdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { SetUpContext } from "./component.ts";
import { findOnPath } from "./executable.ts";
import { debianSuite } from "./pins.ts";
import { downloadPackages } from "./private-apt.ts";
import { runTied } from "./tied-run.ts";

/** Programs of a newer Debian in a folder of their own, with their own libc: the machine's packages stay as they are. */
export interface DebianPrefix {
  /** Packages whose programs are wanted. */
  readonly packages: readonly string[];
  /** Programs to be put into `bin/`; each lies in the packages' `usr/bin` or `usr/sbin`. */
  readonly programs: readonly string[];
  /** For programs that patchelf breaks (Haskell's are not position-independent) and that do not start themselves again. */
  readonly throughLoader?: true;
}

const launcher = fileURLToPath(new URL("through-loader.sh", import.meta.url));

/** Libraries come whole; other packages of the closure (perl, debconf, …) only serve maintainer scripts. */
const library = /^(lib|gcc-|zlib1g)/;
const patcher = "patchelf";
/** Where programs lie; the last is what sshd starts for each connection. */
const programFolders = ["usr/bin", "usr/sbin", "usr/lib/openssh"];
const ballast = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/bug"];
const stepTimeoutSeconds = 120;

/** Why packages cannot be had this way; undefined when they can. */
export async function debianObstacle(context: SetUpContext): Promise<string | undefined> {
  for (const program of ["apt-get", "dpkg-deb"])
    if ((await findOnPath(program, context)).length === 0)
      return `there is no ${program}: this works on Debian and Ubuntu only`;
  return undefined;
}

/**
 * Unpacks the packages into `folder/root` and puts the programs into `folder/bin`.
 *
 * Their ELF interpreter and library path are set to the prefix: DT_RPATH, as RUNPATH does not reach the libraries of
 * libraries. Running all of them through the loader would break programs that start themselves again, as Nix does.
 */
export async function unpackDebianPrefix(
  folder: string,
  prefix: DebianPrefix,
  context: SetUpContext,
): Promise<void> {
  const debs = await downloadPackages({
    suite: debianSuite,
    packages: [...prefix.packages, patcher],
    cacheDir: path.join(context.folder, "apt"),
    signal: context.signal,
  });
  const root = path.join(folder, "root");
  await mkdir(root, { recursive: true });
  for (const deb of debs) {
    const name = path.basename(deb).split("_")[0] ?? "";
    if (library.test(name) || name === patcher || prefix.packages.includes(name))
      await must("dpkg-deb", ["--extract", deb, root], context);
  }
  for (const part of ballast) await rm(path.join(root, part), { recursive: true, force: true });
  const bin = path.join(folder, "bin");
  await mkdir(bin, { recursive: true });
  if (prefix.throughLoader === true) {
    for (const program of prefix.programs) await copyFile(launcher, path.join(bin, program));
    return;
  }
  const libraries = await libraryFolder(root);
  const folders = programFolders.map((part) => path.join(root, part)).filter((one) => existsSync(one));
  for (const program of (await Promise.all(folders.map(elfPrograms))).flat())
    await relocate(program, libraries, { root, context });
  for (const program of prefix.programs) {
    const folder = folders.find((one) => existsSync(path.join(one, program)));
    if (folder === undefined) throw new Error(`${prefix.packages.join(", ")} hold no ${program}`);
    await symlink(path.join(path.relative(bin, folder), program), path.join(bin, program));
  }
}

/** `usr/lib/<architecture>-linux-gnu`, and the loader in it: the one under /lib64 is the machine's. */
async function libraryFolder(root: string): Promise<{ folder: string; loader: string }> {
  const lib = path.join(root, "usr", "lib");
  const triplet = (await readdir(lib)).find((name) => name.endsWith("-linux-gnu"));
  const folder = path.join(lib, triplet ?? "");
  const loader = (await readdir(folder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (triplet === undefined || loader === undefined) throw new Error(`${lib} holds no dynamic loader`);
  return { folder, loader: path.join(folder, loader) };
}

async function elfPrograms(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== patcher);
  const programs: string[] = [];
  for (const entry of files) {
    const file = path.join(folder, entry.name);
    if (await isElf(file)) programs.push(file);
  }
  return programs;
}

async function isElf(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1") === "\x7fELF";
  } finally {
    await handle.close();
  }
}

async function relocate(
  program: string,
  libraries: { folder: string; loader: string },
  { root, context }: { root: string; context: SetUpContext },
): Promise<void> {
  // patchelf itself is of that newer Debian, and no program of this machine yet.
  const patchelf = path.join(root, "usr", "bin", patcher);
  const through = [libraries.loader, "--library-path", libraries.folder, patchelf];
  const [command = "", ...args] = through;
  const asked = await runTied(command, [...args, "--print-interpreter", program], quick(context));
  // Statically linked programs have none and need none.
  if (!asked.ok) return;
  const change = ["--set-interpreter", libraries.loader, "--force-rpath", "--set-rpath", libraries.folder];
  await must(command, [...args, ...change, program], context);
}

function quick(context: SetUpContext) {
  return { timeoutSeconds: stepTimeoutSeconds, signal: context.signal };
}

async function must(command: string, args: readonly string[], context: SetUpContext): Promise<void> {
  const result = await runTied(command, args, quick(context));
  if (!result.ok) throw new Error(`${path.basename(command)} ${args[0]}: ${result.stderr.trim()}`);
}

import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { nixEnvironment } from "../environment.ts";
import { git, headOf, statusOf } from "./content-hash.ts";
import type { FileTree } from "./nar.ts";

/** What Nix reports about a Git work tree besides its files. */
export interface TreeRevision {
  /** Revision of the files, or the one their changes are based on; null before the first commit. */
  readonly revision: string | null;
  readonly dirty: boolean;
  /** Time of that commit, in seconds since 1970; 0 before the first. */
  readonly lastModified: number;
}

/** A folder outside of Git: everything in it. */
export async function folderTree(root: string): Promise<FileTree> {
  const stats = await lstat(root);
  if (stats.isSymbolicLink()) return { type: "symlink", target: await readlink(root) };
  if (stats.isFile())
    return { type: "regular", executable: (stats.mode & 0o100) !== 0, read: () => readFile(root) };
  if (!stats.isDirectory())
    throw new StepError({
      step: "reading the flake",
      seen: `${root} is neither file, folder nor link`,
      next: "Remove it: Nix cannot take it either.",
    });
  const entries = new Map<string, FileTree>();
  for (const name of await readdir(root)) entries.set(name, await folderTree(path.join(root, name)));
  return { type: "directory", entries };
}

/**
 * A Git work tree as Nix takes it: tracked files only, as they are there (also in a clean one, where a checkout may have changed line
 * ends).
 * @throws StepError for submodules, which need a local Nix
 */
export async function workTree(root: string): Promise<{ tree: FileTree } & TreeRevision> {
  const head = await headOf(root);
  const dirty = head === "" || (await statusOf(root)) !== "";
  const lastModified = head === "" ? 0 : Number(await git(root, ["log", "-1", "--format=%ct", head]));
  const tree = await filesOnDisk(root);
  return { tree, revision: head === "" ? null : head, dirty, lastModified };
}

async function filesOnDisk(root: string): Promise<FileTree> {
  const entries = await git(root, ["ls-files", "--stage", "-z"]);
  const files: [string, FileTree][] = [];
  for (const { mode, name } of stagedFiles(entries)) {
    refuseSubmodule(root, mode, name);
    const absolute = path.join(root, name);
    const present = await lstat(absolute).catch(() => undefined);
    if (present !== undefined) files.push([name, await folderTree(absolute)]);
  }
  return treeOf(files);
}

/** Files of one revision, as they are in Git's own store. */
export async function committedTree(root: string, revision: string): Promise<FileTree> {
  const listing = await git(root, ["ls-tree", "-r", "-z", "--full-tree", revision]);
  const listed = listing
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [mode = "", , object = ""] = entry.slice(0, entry.indexOf("\t")).split(" ");
      return { mode, object, name: entry.slice(entry.indexOf("\t") + 1) };
    });
  for (const { mode, name } of listed) refuseSubmodule(root, mode, name);
  const contents = await readObjects(root, [...new Set(listed.map(({ object }) => object))]);
  const files = listed.map(({ mode, object, name }): [string, FileTree] => {
    const content = contents.get(object) ?? Buffer.alloc(0);
    if (mode === "120000") return [name, { type: "symlink", target: content.toString("utf8") }];
    return [name, { type: "regular", executable: mode === "100755", read: async () => content }];
  });
  return treeOf(files);
}

function stagedFiles(entries: string): { mode: string; name: string }[] {
  const all = entries
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => ({ mode: entry.slice(0, 6), name: entry.slice(entry.indexOf("\t") + 1) }));
  // A file in conflict has several stages.
  return [...new Map(all.map((file) => [file.name, file])).values()];
}

function refuseSubmodule(root: string, mode: string, name: string): void {
  if (mode !== "160000") return;
  throw new StepError({
    step: "reading the flake",
    seen: `${root} has a Git submodule, ${name}: without Nix on this machine, what Nix would make of it is unknown`,
    next: "Install Nix on this machine, or keep the flake in a repository without submodules.",
  });
}

const readSeconds = 300;

/** Contents of blobs by their names (git-cat-file(1), "BATCH OUTPUT"). */
async function readObjects(root: string, objects: readonly string[]): Promise<Map<string, Buffer>> {
  const output = new PassThrough();
  const reading = buffer(output);
  const result = await run("git", ["--no-optional-locks", "-C", root, "cat-file", "--batch"], {
    env: nixEnvironment(),
    input: `${objects.join("\n")}\n`,
    output,
    timeoutSeconds: readSeconds,
  });
  output.end();
  const bytes = await reading;
  if (!result.ok)
    throw new StepError({ step: `\`git cat-file\` in ${root}`, seen: result.stderr || "it was ended" });
  const found = new Map<string, Buffer>();
  let at = 0;
  for (const object of objects) {
    const line = bytes.indexOf("\n", at);
    const [name, type, size] = bytes.subarray(at, line).toString("utf8").split(" ");
    if (name !== object || type !== "blob")
      throw new StepError({ step: `\`git cat-file\` in ${root}`, seen: `no blob ${object}` });
    found.set(object, bytes.subarray(line + 1, line + 1 + Number(size)));
    at = line + 1 + Number(size) + 1;
  }
  return found;
}

function treeOf(files: readonly [string, FileTree][]): FileTree {
  const root = new Map<string, FileTree>();
  const folders = new Map<string, Map<string, FileTree>>([["", root]]);
  const folderOf = (name: string): Map<string, FileTree> => {
    const known = folders.get(name);
    if (known !== undefined) return known;
    const entries = new Map<string, FileTree>();
    folders.set(name, entries);
    const parent = path.posix.dirname(name);
    folderOf(parent === "." ? "" : parent).set(path.posix.basename(name), { type: "directory", entries });
    return entries;
  };
  for (const [name, tree] of files) {
    const parent = path.posix.dirname(name);
    folderOf(parent === "." ? "" : parent).set(path.posix.basename(name), tree);
  }
  return { type: "directory", entries: root };
}

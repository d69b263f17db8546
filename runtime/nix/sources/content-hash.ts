import { createHash, type Hash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { nixEnvironment } from "../environment.ts";

/** Git takes milliseconds even on large trees; a network file system may hang for ever. */
const gitSeconds = 60;

/**
 * Identity of what Nix sees of a Git work tree, without asking Nix: revision, tracked files and the contents of those that differ from
 * the index. Equal identities mean equal trees (and equal `self.rev`).
 * @returns 64 hexadecimal digits
 */
export async function workTreeIdentity(root: string): Promise<string> {
  const [head, index, status] = await Promise.all([
    headOf(root),
    git(root, ["ls-files", "--stage", "-z"]),
    statusOf(root),
  ]);
  const hash = createHash("sha256").update(`work-tree\0${head}\0${index}\0`);
  for (const file of changedFiles(status)) await hashEntry(hash, root, file);
  for (const submodule of submodules(index)) {
    const inside = path.join(root, submodule);
    const present = await exists(path.join(inside, ".git"));
    hash.update(`submodule\0${submodule}\0${present ? await workTreeIdentity(inside) : "absent"}\0`);
  }
  return hash.digest("hex");
}

/** Revision of a work tree; empty before its first commit. */
export async function headOf(root: string): Promise<string> {
  return (await git(root, ["rev-parse", "--verify", "--quiet", "HEAD"], [0, 1, 128])).trim();
}

/** What differs in a work tree, among the files that Git tracks (git-status(1), "Porcelain Format Version 2"). */
export async function statusOf(root: string): Promise<string> {
  const left = ["--untracked-files=no", "--no-renames", "--ignore-submodules=all"];
  return await git(root, ["status", "--porcelain=v2", "-z", ...left]);
}

/** Tracked files that differ between revision, index and work tree (git-status(1), "Porcelain Format Version 2"). @internal */
export function changedFiles(status: string): string[] {
  return status
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const fieldsBeforePath = entry.startsWith("1 ") ? 8 : entry.startsWith("u ") ? 10 : undefined;
      if (fieldsBeforePath === undefined)
        throw new StepError({ step: "reading `git status`", seen: `unknown entry ${JSON.stringify(entry)}` });
      return entry.split(" ").slice(fieldsBeforePath).join(" ");
    });
}

function submodules(index: string): string[] {
  const gitlink = "160000 ";
  return index
    .split("\0")
    .filter((entry) => entry.startsWith(gitlink))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1));
}

/** Files Git does not track yet and does not ignore, relative to `root`: a Git flake does not see them. */
export async function untrackedNixFiles(root: string, dir: string): Promise<string[]> {
  const pattern = `:(top,glob)${dir === "" ? "" : `${dir}/`}**/*.nix`;
  const output = await git(root, ["ls-files", "--others", "--exclude-standard", "-z", "--", pattern]);
  return output.split("\0").filter((file) => file !== "");
}

/** Identity of a folder outside Git: names, kinds, executable bits and contents of everything in it. */
export async function folderIdentity(root: string): Promise<string> {
  const hash = createHash("sha256").update("folder\0");
  await hashEntry(hash, root, "");
  return hash.digest("hex");
}

async function hashEntry(hash: Hash, root: string, relative: string): Promise<void> {
  const absolute = path.join(root, relative);
  const stats = await lstat(absolute).catch(() => undefined);
  if (stats === undefined) hash.update(`absent\0${relative}\0`);
  else if (stats.isSymbolicLink()) hash.update(`link\0${relative}\0${await readlink(absolute)}\0`);
  else if (stats.isFile()) {
    const executable = (stats.mode & 0o100) !== 0;
    const content = await readFile(absolute);
    hash.update(`file\0${relative}\0${executable}\0${content.length}\0`).update(content);
  } else if (stats.isDirectory()) {
    const names = (await readdir(absolute)).sort();
    hash.update(`folder\0${relative}\0${names.length}\0`);
    for (const name of names) await hashEntry(hash, root, path.join(relative, name));
  } else hash.update(`special\0${relative}\0`);
}

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}

/** Standard output of a Git command in a work tree; takes no locks and starts nothing of the user's. */
export async function git(
  root: string,
  args: readonly string[],
  accepted: readonly number[] = [0],
): Promise<string> {
  const command = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-C", root, ...args];
  const result = await run("git", command, { env: nixEnvironment(), timeoutSeconds: gitSeconds });
  if (result.exitCode !== undefined && accepted.includes(result.exitCode)) return result.stdout;
  throw new StepError({
    step: `\`git ${args[0]}\` in ${root}`,
    seen: result.timedOut ? `no answer in ${gitSeconds} s` : result.stderr || "it could not be started",
    next: "Make `git status` work in that folder.",
  });
}

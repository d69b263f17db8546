import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { StepError } from "../../platform/step-error.ts";
import { type Archive, archiveTree } from "./archive-cache.ts";
import type { FileTree } from "./nar.ts";
import { committedTree, folderTree } from "./source-tree.ts";

const lockSchema = z.object({
  nodes: z.record(z.string(), z.object({ locked: z.record(z.string(), z.unknown()).optional() })),
});
const pathInput = z.object({
  type: z.literal("path"),
  path: z.string().startsWith("/"),
  narHash: z.string(),
});
const gitInput = z.object({
  type: z.literal("git"),
  url: z.string().startsWith("file:"),
  rev: z.string(),
  narHash: z.string(),
});

/**
 * Archives the inputs of a flake that are on this machine (`path:/…`, `git+file:/…`), which no other machine could fetch. Nix takes a
 * locked input from its store when it is there already.
 * @param flake folder of the flake
 * @throws StepError when an input is not any more what `flake.lock` says
 */
export async function archiveLocalInputs(flake: FileTree | undefined, cacheRoot: string): Promise<Archive[]> {
  const lock = flake?.type === "directory" ? flake.entries.get("flake.lock") : undefined;
  if (lock?.type !== "regular") return [];
  const { nodes } = lockSchema.parse(JSON.parse(Buffer.from(await lock.read()).toString("utf8")));
  const archives: Archive[] = [];
  for (const [name, { locked }] of Object.entries(nodes)) {
    const local = await localTree(locked);
    if (local === undefined) continue;
    const archive = await archiveTree(local.tree, cacheRoot);
    if (archive.hash !== local.narHash)
      throw new StepError({
        step: "reading the flake's inputs",
        seen: `${local.place} is no longer what flake.lock says of input "${name}"`,
        next: `Run \`nix flake update ${name}\` where there is Nix, or put back what was there.`,
      });
    archives.push(archive);
  }
  return archives;
}

async function localTree(
  locked: unknown,
): Promise<{ tree: FileTree; narHash: string; place: string } | undefined> {
  const folder = pathInput.safeParse(locked).data;
  if (folder !== undefined)
    return { tree: await folderTree(folder.path), narHash: folder.narHash, place: folder.path };
  const repository = gitInput.safeParse(locked).data;
  if (repository === undefined) return undefined;
  const root = fileURLToPath(repository.url);
  const tree = await committedTree(root, repository.rev);
  return { tree, narHash: repository.narHash, place: `${root} at ${repository.rev}` };
}

/** A folder inside of a tree; undefined when there is none. */
export function subtree(tree: FileTree, dir: string): FileTree | undefined {
  let current: FileTree | undefined = tree;
  for (const name of path.posix.normalize(dir).split("/")) {
    if (name === "" || name === ".") continue;
    current = current?.type === "directory" ? current.entries.get(name) : undefined;
  }
  return current;
}

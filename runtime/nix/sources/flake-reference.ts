import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { StepError } from "../../platform/step-error.ts";
import { joinReference, type ReferenceQuery, splitReference } from "./flake-reference-query.ts";

/**
 * Where a flake reference points (Nix manual, "nix flake", flake references):
 * - `work-tree`: a folder inside a Git work tree; Nix sees its tracked files;
 * - `folder`: a folder outside Git; Nix sees all of it;
 * - `locked`: names one exact revision or content, which can't change;
 * - `moving`: anything else, such as a branch: only fetching shows what it is now.
 */
export type FlakeReference =
  | { readonly kind: "work-tree"; readonly root: string; readonly dir: string; readonly url: string }
  | { readonly kind: "folder"; readonly root: string; readonly dir: string; readonly url: string }
  | { readonly kind: "locked" | "moving"; readonly dir: string; readonly url: string };

const step = "reading the flake reference";

/**
 * Understands a flake reference without its `#attribute`.
 * @param reference as the user wrote it; a relative path starts at `projectRoot`
 * @throws StepError when it names a folder without a `flake.nix` or can't be understood
 */
export function parseFlakeReference(reference: string, projectRoot: string): FlakeReference {
  if (reference.includes("#"))
    throw new StepError({
      step,
      seen: `\`${reference}\` holds an attribute`,
      next: "Give the part before #.",
    });
  const { location, query } = splitReference(reference);
  if (location.startsWith("path:")) return folder(location.slice("path:".length), query, projectRoot);
  if (location.startsWith("git+file:") && !query.has("rev") && !query.has("ref"))
    return localPath(decodeURIComponent(new URL(location.slice("git+".length)).pathname), query, projectRoot);
  if (/^(\.|\/|~)/.test(location)) return localPath(location, query, projectRoot);
  refuseBareFolder(reference, location, projectRoot);
  return remote(reference, location, query);
}

function refuseBareFolder(reference: string, location: string, projectRoot: string): void {
  if (location.includes(":") || !existsSync(path.resolve(projectRoot, location))) return;
  throw new StepError({
    step,
    seen: `Nix takes \`${reference}\` for a name in its flake registry, but it is a local folder`,
    next: `Write \`./${reference}\`.`,
  });
}

/** A revision in the query or, for the forges, as third part of the path (`github:owner/repo/<rev>`). */
function remote(reference: string, location: string, query: ReferenceQuery): FlakeReference {
  const forgeRevision = /^(github|gitlab|sourcehut):[^/]+\/[^/]+\/[0-9a-f]{40}$/.test(location);
  const revision = /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(query.get("rev") ?? "");
  const locked = forgeRevision || revision || query.has("narHash");
  return { kind: locked ? "locked" : "moving", dir: normalDir(query.get("dir") ?? ""), url: reference };
}

function localPath(location: string, query: ReferenceQuery, projectRoot: string): FlakeReference {
  const expanded = location.startsWith("~/") ? path.join(homedir(), location.slice(2)) : location;
  const start = existingFolder(expanded, projectRoot);
  const root = findWorkTree(start);
  if (root === undefined) return folder(location, query, projectRoot);
  const dir = normalDir(path.join(path.relative(root, start), query.get("dir") ?? ""));
  refuseUnknown(query, ["dir", "submodules", "ref", "rev"]);
  const parameters = new Map([...query, ["dir", dir]]);
  const url = joinReference(`git+${pathToFileURL(root).href}`, parameters);
  if (query.has("rev") || query.has("ref")) return remote(url, `git+file:${root}`, parameters);
  requireFlake(path.join(root, dir));
  return { kind: "work-tree", root, dir, url };
}

function folder(location: string, query: ReferenceQuery, projectRoot: string): FlakeReference {
  if (query.has("narHash")) return remote(joinReference(`path:${location}`, query), "path:", query);
  refuseUnknown(query, ["dir"]);
  const expanded = location.startsWith("~/") ? path.join(homedir(), location.slice(2)) : location;
  const root = existingFolder(decodeURIComponent(expanded), projectRoot);
  const dir = normalDir(query.get("dir") ?? "");
  requireFlake(path.join(root, dir));
  const url = joinReference(`path:${encodeURI(root)}`, new Map([["dir", dir]]));
  return { kind: "folder", root, dir, url };
}

function normalDir(dir: string): string {
  const normal = path.posix.normalize(dir).replaceAll(/^\/+|\/+$/g, "");
  if (normal === "." || normal === "") return "";
  if (normal.startsWith(".."))
    throw new StepError({
      step,
      seen: `\`dir=${dir}\` leaves the source tree`,
      next: "Name a folder inside.",
    });
  return normal;
}

function refuseUnknown(query: ReferenceQuery, known: readonly string[]): void {
  const unknown = [...query.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new StepError({
      step,
      seen: `unknown parameter ${unknown.map((name) => `\`${name}\``).join(", ")} of a local flake`,
      next: `Known are ${known.join(", ")}.`,
    });
}

function existingFolder(location: string, projectRoot: string): string {
  const absolute = path.resolve(projectRoot, location);
  if (!existsSync(absolute))
    throw new StepError({
      step,
      seen: `there is no folder ${absolute}`,
      next: "Correct `flake` in the configuration.",
    });
  return realpathSync(absolute);
}

function requireFlake(flakeFolder: string): void {
  if (existsSync(path.join(flakeFolder, "flake.nix"))) return;
  throw new StepError({
    step,
    seen: `there is no flake.nix in ${flakeFolder}`,
    next: "Name the folder that holds it, or add `?dir=<subfolder>`.",
  });
}

/** Nearest folder at or above `start` that holds `.git` (a file in linked work trees and submodules). */
function findWorkTree(start: string): string | undefined {
  for (let current = start; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, ".git"))) return current;
    if (current === path.dirname(current)) return undefined;
  }
}

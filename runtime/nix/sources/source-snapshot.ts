import { z } from "zod";
import type { FlakeReference } from "./flake-reference.ts";

import { joinReference } from "./flake-reference-query.ts";

/** One exact source tree. */
export const snapshotSchema = z.strictObject({
  /** Identity the tree had when it was read. */
  identity: z.string(),
  /** Root of the tree in any Nix store, `/nix/store/…-source`. */
  storePath: z.string().startsWith("/nix/store/"),
  /** Locked `path:` reference to the flake in that tree. */
  locked: z.string().startsWith("path:"),
  /** Revision of the tree, or the one its changes are based on; null outside Git. */
  revision: z.string().nullable(),
  dirty: z.boolean(),
});
export type SourceSnapshot = z.infer<typeof snapshotSchema>;

/** How the content of a flake is had. */
export interface SourceFetcher {
  /** False when the tree of an earlier fetch is gone. */
  has(snapshot: SourceSnapshot, options: SourceOptions): boolean;
  /** @param identity identity of the content, or "" for a reference whose identity only fetching shows */
  fetch(reference: FlakeReference, identity: string, options: SourceOptions): Promise<SourceSnapshot>;
}

/** What fetching a flake reports, as `nix flake prefetch` names it. */
export interface FetchedTree {
  readonly storePath: string;
  /** `sha256-…` of the tree's archive. */
  readonly hash: string;
  readonly locked: {
    readonly rev?: string | undefined;
    /** `<revision>-dirty` */
    readonly dirtyRev?: string | undefined;
    readonly lastModified?: number | undefined;
  };
}

/** The snapshot that follows from a fetched tree, on any machine. */
export function snapshotOf(reference: FlakeReference, identity: string, found: FetchedTree): SourceSnapshot {
  const { rev, dirtyRev } = found.locked;
  return {
    identity: identity === "" ? `${reference.url} ${rev ?? found.hash}` : identity,
    storePath: found.storePath,
    locked: lockedReference(reference, found),
    revision: rev ?? dirtyRev?.replace(/-dirty$/, "") ?? null,
    dirty: dirtyRev !== undefined,
  };
}

/**
 * The tree as a `path:` reference no clock can change: a folder outside Git has no time of its own, and a `touch` must not change a
 * system through `self.lastModified`.
 */
function lockedReference(reference: FlakeReference, found: FetchedTree): string {
  const time = reference.kind === "folder" ? undefined : found.locked.lastModified;
  const parameters = new Map([
    ["narHash", found.hash],
    ["lastModified", String(time ?? 1)],
    ["rev", found.locked.rev ?? ""],
    ["dir", reference.dir],
  ]);
  return joinReference(`path:${found.storePath}`, parameters);
}

export interface SourceOptions {
  readonly projectRoot: string;
  readonly cacheRoot: string;
  readonly timeoutSeconds: number;
  /** How source trees are had; default: by the local Nix. */
  readonly fetcher?: SourceFetcher;
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StepError } from "../step-error.ts";
import { folderIdentity, untrackedNixFiles, workTreeIdentity } from "./content-identity.ts";
import { type FlakeReference, parseFlakeReference } from "./flake-reference.ts";
import { describeNixError } from "./nix-error.ts";
import { readRecord, writeRecord } from "./record-file.ts";
import { joinReference } from "./reference-query.ts";
import { runNix } from "./run-nix.ts";

/** One exact source tree in the Nix store. */
const snapshotSchema = z.strictObject({
  /** Identity the tree had when it was read. */
  identity: z.string(),
  /** Root of the tree, `/nix/store/…-source`. */
  storePath: z.string().startsWith("/nix/store/"),
  /** Locked `path:` reference to the flake in that tree. */
  locked: z.string().startsWith("path:"),
  /** Revision of the tree, or the one its changes are based on; null outside Git. */
  revision: z.string().nullable(),
  dirty: z.boolean(),
});
export type SourceSnapshot = z.infer<typeof snapshotSchema>;

/** A flake as one run sees it: everything is looked at once. */
export interface FlakeSource {
  readonly reference: FlakeReference;
  /** What the flake's content is now. No Nix process is started for local and for locked references. */
  identity(): Promise<string>;
  /** The content, in the Nix store. */
  snapshot(): Promise<SourceSnapshot>;
  /** What people should know about it, such as files Git flakes do not see. */
  warnings(): Promise<readonly string[]>;
}

export interface SourceOptions {
  readonly projectRoot: string;
  readonly cacheRoot: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/** Opens a flake reference. Nothing is read before it is asked for. */
export function openFlakeSource(flake: string, options: SourceOptions): FlakeSource {
  const reference = parseFlakeReference(flake, options.projectRoot);
  if (reference.kind === "folder") refuseCacheInside(reference.root, options.cacheRoot);
  const moved = once(() => prefetch(reference, "", options));
  const identity = once(async () =>
    reference.kind === "moving" ? (await moved()).identity : currentIdentity(reference, options.signal),
  );
  return {
    reference,
    identity,
    snapshot: once(async () =>
      reference.kind === "moving" ? moved() : stableSnapshot(reference, await identity(), options),
    ),
    warnings: once(() => warningsOf(reference, options.signal)),
  };
}

function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}

/** Nix copies such a folder whole, so our own records would change it with every run, and become readable by everybody. */
function refuseCacheInside(root: string, cacheRoot: string): void {
  const relative = path.relative(root, path.resolve(cacheRoot));
  if (relative.startsWith("..") || path.isAbsolute(relative)) return;
  throw new StepError({
    step: "reading the flake",
    seen: `${root} is outside Git and holds this project's own state, which Nix would copy into its world-readable store`,
    next: "Put the flake into a folder of its own, or run `git init` there.",
  });
}

async function currentIdentity(reference: FlakeReference, signal?: AbortSignal): Promise<string> {
  if (reference.kind === "work-tree")
    return `${reference.url} ${await workTreeIdentity(reference.root, signal)}`;
  if (reference.kind === "folder") return `${reference.url} ${await folderIdentity(reference.root)}`;
  return reference.url;
}

/** An editor may save between the look and the copy; then what was copied has to be looked at again. */
async function stableSnapshot(
  reference: FlakeReference,
  first: string,
  options: SourceOptions,
): Promise<SourceSnapshot> {
  let identity = first;
  for (let attempt = 0; attempt < 5; attempt++) {
    const file = path.join(options.cacheRoot, "sources", `${sha256(identity)}.json`);
    const known = await readRecord(file, snapshotSchema);
    if (known !== undefined && existsSync(known.storePath)) return known;
    const snapshot = await prefetch(reference, identity, options);
    const after = await currentIdentity(reference, options.signal);
    if (after === identity) {
      await writeRecord(file, snapshot);
      return snapshot;
    }
    identity = after;
  }
  throw new StepError({
    step: "reading the flake",
    seen: `${reference.url} changed each of five times while it was read`,
    next: "Wait until nothing writes to it any more.",
  });
}

const prefetchSchema = z.object({
  hash: z.string().startsWith("sha256-"),
  storePath: z.string().startsWith("/nix/store/"),
  locked: z.object({
    rev: z.string().optional(),
    dirtyRev: z.string().optional(),
    lastModified: z.number().optional(),
  }),
});

/**
 * Copies the source tree to the store. `nix flake prefetch` neither evaluates the flake nor touches its lock file, and takes a dirty
 * tree as it is.
 */
async function prefetch(
  reference: FlakeReference,
  identity: string,
  options: SourceOptions,
): Promise<SourceSnapshot> {
  // A folder needs no registry of names, which Nix would otherwise ask its server for.
  const more = reference.kind === "moving" ? ["--refresh"] : [];
  const registry = reference.kind === "folder" ? ["--option", "flake-registry", ""] : [];
  const args = ["flake", "prefetch", "--json", ...more, ...registry, reference.url];
  const result = await runNix(args, options);
  if (!result.ok)
    throw new StepError({
      step: `fetching the flake ${reference.url}`,
      ...describeNixError(result, options),
    });
  const found = prefetchSchema.parse(JSON.parse(result.stdout));
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
function lockedReference(reference: FlakeReference, found: z.infer<typeof prefetchSchema>): string {
  const time = reference.kind === "folder" ? undefined : found.locked.lastModified;
  const parameters = new Map([
    ["narHash", found.hash],
    ["lastModified", String(time ?? 1)],
    ["rev", found.locked.rev ?? ""],
    ["dir", reference.dir],
  ]);
  return joinReference(`path:${found.storePath}`, parameters);
}

async function warningsOf(reference: FlakeReference, signal?: AbortSignal): Promise<readonly string[]> {
  if (reference.kind !== "work-tree") return [];
  const files = await untrackedNixFiles(reference.root, reference.dir, signal);
  if (files.length === 0) return [];
  const shown = files.slice(0, 5).join(" ") + (files.length > 5 ? ` … (${files.length} files)` : "");
  return [
    `Git does not track these files, so Nix does not see them: ${shown}. Run \`git add\` in ${reference.root}.`,
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

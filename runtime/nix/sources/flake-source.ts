import { createHash } from "node:crypto";
import path from "node:path";
import { readRecord, writeRecord } from "../../platform/json-file.ts";
import { StepError } from "../../platform/step-error.ts";
import { folderIdentity, untrackedNixFiles, workTreeIdentity } from "./content-hash.ts";
import { type FlakeReference, parseFlakeReference } from "./flake-reference.ts";
import { nixFetcher } from "./prefetch.ts";
import type { SourceOptions } from "./source-snapshot.ts";
import { type SourceSnapshot, snapshotSchema } from "./source-snapshot.ts";

/** A flake as one run sees it: everything is read once. */
export interface FlakeSource {
  readonly reference: FlakeReference;
  /** What the flake's content is now. No Nix process is started for local and for locked references. */
  identity(): Promise<string>;
  /** The content, in the Nix store. */
  snapshot(): Promise<SourceSnapshot>;
  /** What people should know about it, such as files Git flakes do not see. */
  warnings(): Promise<readonly string[]>;
}

/** Opens a flake reference. Nothing is read before it is asked for. */
export function openFlakeSource(flake: string, options: SourceOptions): FlakeSource {
  const reference = parseFlakeReference(flake, options.projectRoot);
  if (reference.kind === "folder") refuseCacheInside(reference.root, options.cacheRoot);
  const fetcher = options.fetcher ?? nixFetcher;
  const moved = once(() => fetcher.fetch(reference, "", options));
  const identity = once(async () =>
    reference.kind === "moving" ? (await moved()).identity : currentIdentity(reference),
  );
  return {
    reference,
    identity,
    snapshot: once(async () =>
      reference.kind === "moving" ? moved() : stableSnapshot(reference, await identity(), options),
    ),
    warnings: once(() => warningsOf(reference)),
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

async function currentIdentity(reference: FlakeReference): Promise<string> {
  if (reference.kind === "work-tree") return `${reference.url} ${await workTreeIdentity(reference.root)}`;
  if (reference.kind === "folder") return `${reference.url} ${await folderIdentity(reference.root)}`;
  return reference.url;
}

/** An editor may save between the reading and the copy; then what was copied has to be read again. */
async function stableSnapshot(
  reference: FlakeReference,
  first: string,
  options: SourceOptions,
): Promise<SourceSnapshot> {
  const fetcher = options.fetcher ?? nixFetcher;
  let identity = first;
  for (let attempt = 0; attempt < 5; attempt++) {
    const file = path.join(options.cacheRoot, "sources", `${sha256(identity)}.json`);
    const known = await readRecord(file, snapshotSchema);
    if (known !== undefined && fetcher.has(known, options)) return known;
    const snapshot = await fetcher.fetch(reference, identity, options);
    const after = await currentIdentity(reference);
    if (after === identity) {
      await writeRecord(file, snapshot);
      return snapshot;
    }
    identity = after;
  }
  throw new StepError({
    step: "reading the flake",
    seen: `${reference.url} changed each of five times while it was read`,
    next: "Wait until no program writes to it.",
  });
}

async function warningsOf(reference: FlakeReference): Promise<readonly string[]> {
  if (reference.kind !== "work-tree") return [];
  const files = await untrackedNixFiles(reference.root, reference.dir);
  if (files.length === 0) return [];
  const shown = files.slice(0, 5).join(" ") + (files.length > 5 ? ` … (${files.length} files)` : "");
  return [
    `Git does not track these files, so Nix does not see them: ${shown}. Run \`git add\` in ${reference.root}.`,
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

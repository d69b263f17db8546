import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import path from "node:path";
import { finished, pipeline } from "node:stream/promises";
import type { Limits } from "../../platform/limits.ts";
import { createInPlace } from "../../platform/replace-file.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/target.ts";
import { DeferredError } from "../deferred.ts";
import type { EvaluationHosts } from "../evaluation-hosts.ts";
import { remoteNixError, runRemoteNix } from "../remote-nix.ts";
import { sourceStorePath } from "../store-path.ts";
import { archiveFile, archivesOf, archiveTree, isArchived, recordLocalInputs } from "./archive-cache.ts";
import type { FlakeReference } from "./flake-reference.ts";
import { archiveLocalInputs, subtree } from "./local-inputs.ts";
import type { FileTree } from "./nar.ts";
import { parsePrefetched, prefetchArguments } from "./prefetch.ts";
import { inputRefusedThere } from "./refused-input.ts";
import {
  type FetchedTree,
  type SourceFetcher,
  type SourceOptions,
  type SourceSnapshot,
  snapshotOf,
} from "./source-snapshot.ts";
import { folderTree, type TreeRevision, workTree } from "./source-tree.ts";

/**
 * Has source trees as archives, without a local Nix: what is on this machine is archived here, with the hash and store path Nix would give
 * it; what is elsewhere is fetched by another machine.
 * @throws DeferredError when it is elsewhere, and no machine with Nix exists yet
 */
export function archiveFetcher(places: EvaluationHosts): SourceFetcher {
  return {
    has: ({ storePath }, { cacheRoot }) => isArchived(cacheRoot, storePath),
    async fetch(reference, identity, options) {
      if (reference.kind === "work-tree" || reference.kind === "folder")
        return await archiveLocal(reference, identity, options);
      const answer = await places.use(null, (session) =>
        fetchRemotely(reference, identity, options, session),
      );
      if (answer.kind === "done") return answer.value;
      throw new DeferredError(answer.until);
    },
  };
}

type LocalReference = Extract<FlakeReference, { kind: "work-tree" | "folder" }>;

async function archiveLocal(
  reference: LocalReference,
  identity: string,
  options: SourceOptions,
): Promise<SourceSnapshot> {
  const { cacheRoot } = options;
  const found: { tree: FileTree; git?: TreeRevision } =
    reference.kind === "folder"
      ? { tree: await folderTree(reference.root) }
      : await workTree(reference.root).then(({ tree, ...git }) => ({ tree, git }));
  const { storePath, hash } = await archiveTree(found.tree, cacheRoot);
  const inputs = await archiveLocalInputs(subtree(found.tree, reference.dir), cacheRoot);
  await recordLocalInputs(
    cacheRoot,
    storePath,
    inputs.map((input) => input.storePath),
  );
  return snapshotOf(reference, identity, { storePath, hash, locked: lockedOf(found.git) });
}

function lockedOf(git: TreeRevision | undefined): FetchedTree["locked"] {
  if (git === undefined) return {};
  const { revision, dirty, lastModified } = git;
  if (revision === null) return { lastModified, dirtyRev: undefined };
  return dirty ? { lastModified, dirtyRev: `${revision}-dirty` } : { lastModified, rev: revision };
}

async function fetchRemotely(
  reference: FlakeReference,
  identity: string,
  options: SourceOptions,
  session: SshSession,
): Promise<SourceSnapshot> {
  const { cacheRoot, timeoutSeconds } = options;
  const limits = { timeoutSeconds };
  const step = `fetching the flake ${reference.url}`;
  const result = await runRemoteNix({ session }, prefetchArguments(reference), limits);
  if (!result.ok) {
    const refused = inputRefusedThere(session.target.host, { step }, result.stderr);
    throw refused ?? remoteNixError({ session }, step, result, limits);
  }
  const found = parsePrefetched(result.stdout);
  if ((await archivesOf(cacheRoot, found.storePath)) === undefined) {
    await receiveArchive(session, found.storePath, cacheRoot, limits);
    await recordLocalInputs(cacheRoot, found.storePath, []);
  }
  return snapshotOf(reference, identity, found);
}

const readingStep = "reading the flake's sources";

/**
 * Takes a source tree from the store of a machine into the cache.
 * @throws StepError naming the machine, also when what came is not what the store path says
 */
async function receiveArchive(
  session: SshSession,
  storePath: string,
  cacheRoot: string,
  limits: Limits,
): Promise<void> {
  const file = archiveFile(cacheRoot, storePath);
  const write = async (temporary: string) => {
    const output = createWriteStream(temporary, { mode: 0o600 });
    const written = finished(output);
    const result = await session.run(["nix-store", "--dump", storePath], { ...limits, output });
    output.end();
    await written;
    if (!result.ok) throw remoteNixError({ session }, readingStep, result, limits);
    const hash = createHash("sha256");
    await pipeline(createReadStream(temporary), hash);
    if (sourceStorePath(hash.digest()) !== storePath)
      throw new StepError({
        host: session.target.host,
        step: readingStep,
        seen: `what came is not ${storePath}`,
        next: "Run it again; if it happens again, repair the machine's store: nix-store --verify --check-contents.",
      });
  };
  await createInPlace(path.dirname(file), write, () => file, 0o700);
}

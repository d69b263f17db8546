import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { writeNar } from "../../nix/sources/nar.ts";
import { folderTree } from "../../nix/sources/source-tree.ts";
import { anySignal, type Limits, timeoutSignal } from "../../platform/limits.ts";
import { run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";

/** A pinned source as the forge hands it out: an archive by revision, and what its content must be. */
export interface PinnedArchive {
  /** `https://…/<revision>.tar.gz` */
  readonly url: string;
  /** SHA-256 of the NAR serialisation of its one folder, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Fetches a pinned source without Nix, once: the same content that Nix would accept, and no other.
 * @param folder where such sources are kept; made if missing
 * @returns folder of the source
 * @throws StepError when it cannot be had, or is not what the pin says
 */
export async function fetchPinnedArchive(
  pinned: PinnedArchive,
  folder: string,
  limits: Limits,
): Promise<string> {
  const kept = path.join(folder, pinned.sha256);
  // Checked each time: whatever is there is going to be run.
  if (existsSync(kept) && (await narHash(kept)) === pinned.sha256) return kept;
  const work = path.join(folder, `${randomUUID()}.tmp`);
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    const source = await unpack(await download(pinned.url, work, limits), work, limits);
    const found = await narHash(source);
    if (found !== pinned.sha256)
      throw archiveError(
        `${pinned.url} holds ${found} instead of the pinned ${pinned.sha256}`,
        "do not use it: it may have been modified; set FLEET_NIXOS_ANYWHERE to a copy you trust",
      );
    await rm(kept, { recursive: true, force: true });
    await rename(source, kept);
    return kept;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function narHash(folder: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return (await writeNar(await folderTree(folder), nowhere)).toString("hex");
}

async function download(url: string, work: string, { timeoutSeconds, signal }: Limits): Promise<string> {
  const file = path.join(work, "source.tar.gz");
  const deadline = timeoutSignal(timeoutSeconds);
  const either = anySignal(deadline, signal);
  try {
    const response = await fetch(url, { signal: either });
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal: either });
    return file;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw archiveError(
      `${url} could not be fetched: ${deadline.aborted ? `not done within ${timeoutSeconds} s` : why}`,
      "check the network, or set FLEET_NIXOS_ANYWHERE to the path of a nixos-anywhere.sh",
    );
  }
}

async function unpack(file: string, work: string, limits: Limits): Promise<string> {
  const into = path.join(work, "unpacked");
  await mkdir(into);
  const args = ["-C", into, "-xzf", file];
  const result = await run("tar", args, limits);
  if (!result.ok) throw archiveError(`tar failed: ${result.stderr.trim()}`, "install tar and gzip");
  const [name, ...others] = await readdir(into);
  if (name === undefined || others.length > 0)
    throw archiveError(
      "the archive does not hold one folder",
      "set FLEET_NIXOS_ANYWHERE to a copy you trust",
    );
  return path.join(into, name);
}

function archiveError(seen: string, next: string): StepError {
  return new StepError({ step: "nixos-anywhere", seen, next });
}

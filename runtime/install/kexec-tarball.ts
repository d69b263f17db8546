import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { anySignal, timeoutSignal } from "../platform/limits.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { type InstallContext, phaseError, runPhase } from "./machine/phase.ts";
import { isDownloaded, isUploaded } from "./preflight/preflight.ts";

/** A kexec tarball as nixos-anywhere gets it. */
export interface KexecTarball extends AsyncDisposable {
  /** Path or URL; null: nixos-anywhere's own. */
  readonly location: string | null;
  /** Removes what was fetched for this install. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What nixos-anywhere itself would let the machine download; here it is ours to fetch. */
const release = "https://github.com/nix-community/nixos-images/releases/download/nixos-25.11";

/**
 * The tarball for a machine. One that a machine without IPv4 could not download (GitHub has no IPv6; nixos-anywhere would go through a
 * third party's proxy) is downloaded to this machine and uploaded from it.
 * @throws StepError of phase kexec when it cannot be had
 */
export async function kexecTarball(context: InstallContext, seen: MachineFacts): Promise<KexecTarball> {
  const given = context.spec.kexecTarball;
  if (seen.installer || !isDownloaded(given) || !isUploaded(seen, given))
    return { location: given, [Symbol.asyncDispose]: async () => {} };
  const url = given ?? `${release}/nixos-kexec-installer-noninteractive-${seen.architecture}-linux.tar.gz`;
  const folder = await mkdtemp(path.join(tmpdir(), "fleet-kexec-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, path.basename(new URL(url).pathname));
    await runPhase(
      context,
      "kexec",
      "downloading the installer on this machine: the host has only IPv6",
      (limits) => download(context, url, file, limits.left()),
    );
    return { location: file, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function download(context: InstallContext, url: string, file: string, seconds: number): Promise<void> {
  const signal = anySignal(context.signal, timeoutSignal(seconds));
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(file), { signal });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${String(error.cause)}` : "";
    throw phaseError(
      context,
      "kexec",
      `${url} cannot be downloaded on this machine: ${String(error)}${cause}`,
      "download it by hand and name the file (kexec: <path>)",
      error,
    );
  }
}

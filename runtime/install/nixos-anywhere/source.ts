import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { hasLocalNix } from "../../nix/local-nix.ts";
import type { Limits } from "../../platform/limits.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { fetchPinnedArchive } from "./archive.ts";

const githubPin = z.object({
  type: z.literal("github"),
  owner: z.string().min(1),
  repo: z.string().min(1),
  rev: z.string().regex(/^[0-9a-f]{40}$/),
  narHash: z.string().startsWith("sha256-"),
});
const lockFile = z.object({
  root: z.string(),
  nodes: z.record(
    z.string(),
    z.object({ inputs: z.record(z.string(), z.unknown()).optional(), locked: z.unknown().optional() }),
  ),
});

/** A pinned source: where it comes from and what it must be. */
interface PinnedSource {
  /** Flake reference with revision and content hash. */
  readonly reference: string;
  /** SHA-256 of its NAR serialisation, in hexadecimal. */
  readonly sha256: string;
  /** The same as an archive, for machines without Nix. */
  readonly url: string;
}

/** nixos-anywhere as a `flake.lock` (version 7) pins it. @internal */
export function pinnedSource(lockText: string): PinnedSource {
  const { root, nodes } = lockFile.parse(JSON.parse(lockText));
  const name = nodes[root]?.inputs?.["nixos-anywhere"];
  const pin = githubPin.parse(typeof name === "string" ? nodes[name]?.locked : undefined);
  return {
    reference: `github:${pin.owner}/${pin.repo}/${pin.rev}?narHash=${encodeURIComponent(pin.narHash)}`,
    url: `https://github.com/${pin.owner}/${pin.repo}/archive/${pin.rev}.tar.gz`,
    sha256: Buffer.from(pin.narHash.slice("sha256-".length), "base64").toString("hex"),
  };
}

/** How the program is found. */
export interface SourceOptions extends Limits {
  readonly environment?: NodeJS.ProcessEnv;
  /** Default: `hosts/flake.lock` of the package. */
  readonly lockFile?: string;
  /** Where a source is kept that no Nix keeps; default: `.fleet/cache/nixos-anywhere` of the project. */
  readonly cacheFolder?: string;
}

/**
 * Path of the nixos-anywhere program: `FLEET_NIXOS_ANYWHERE` where it is set, otherwise the source pinned in the package's
 * `hosts/flake.lock`, which is fetched only if it is not in the store.
 * @throws StepError when there is none.
 */
export async function nixosAnywhere(options: SourceOptions): Promise<string> {
  const chosen = (options.environment ?? process.env)["FLEET_NIXOS_ANYWHERE"];
  if (chosen !== undefined && chosen !== "") {
    if (existsSync(chosen)) return path.resolve(chosen);
    throw sourceError(
      `FLEET_NIXOS_ANYWHERE names ${chosen}, which does not exist`,
      "correct or unset FLEET_NIXOS_ANYWHERE",
    );
  }
  const lock = options.lockFile ?? path.join(packageRoot(), "hosts", "flake.lock");
  const source = pinnedSource(await readFile(lock, "utf8"));
  if (!(await hasLocalNix())) return await withoutNix(source, options);
  const stored = (await findInStore(source, options)) ?? (await fetchSource(source, options));
  return path.join(stored, "src", "nixos-anywhere.sh");
}

async function withoutNix(source: PinnedSource, options: SourceOptions): Promise<string> {
  const folder = options.cacheFolder ?? path.join(process.cwd(), ".fleet", "cache", "nixos-anywhere");
  return path.join(await fetchPinnedArchive(source, folder, options), "src", "nixos-anywhere.sh");
}

/** A source's store path follows from its content alone. */
async function findInStore(source: PinnedSource, options: SourceOptions): Promise<string | undefined> {
  const fixed = ["--print-fixed-path", "--recursive", "sha256", source.sha256, "source"];
  const named = await run("nix-store", fixed, options);
  if (!named.ok) throw sourceError(named.stderr.trim(), "install Nix, or check that it works");
  const storePath = named.stdout.trim();
  const valid = await run("nix-store", ["--check-validity", storePath], options);
  return valid.ok ? storePath : undefined;
}

async function fetchSource(source: PinnedSource, options: SourceOptions): Promise<string> {
  const features = ["--extra-experimental-features", "nix-command flakes"];
  const args = [...features, "flake", "prefetch", "--json", source.reference];
  const result = await run("nix", args, options);
  if (!result.ok)
    throw sourceError(
      `${source.reference} could not be fetched: ${result.stderr.trim().split("\n").slice(-5).join("\n")}`,
      "check the network, or set FLEET_NIXOS_ANYWHERE to the path of a nixos-anywhere.sh",
    );
  return z.object({ storePath: z.string() }).parse(JSON.parse(result.stdout)).storePath;
}

function sourceError(seen: string, next: string): StepError {
  return new StepError({ step: "nixos-anywhere", seen, next });
}

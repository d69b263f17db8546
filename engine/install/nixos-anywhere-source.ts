import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { packageRoot } from "../package-root.ts";
import { run } from "../process/run.ts";
import { StepError } from "../step-error.ts";

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

/**
 * Flake reference of nixos-anywhere as a `flake.lock` (version 7) pins it: revision and content hash, so that nothing else can be
 * fetched, and nothing is fetched when the content is in the store.
 */
export function pinnedReference(lockText: string): string {
  const { root, nodes } = lockFile.parse(JSON.parse(lockText));
  const name = nodes[root]?.inputs?.["nixos-anywhere"];
  const pin = githubPin.parse(typeof name === "string" ? nodes[name]?.locked : undefined);
  return `github:${pin.owner}/${pin.repo}/${pin.rev}?narHash=${encodeURIComponent(pin.narHash)}`;
}

/**
 * Path of the nixos-anywhere program: `NIXOS_ANYWHERE` where it is set, otherwise the source pinned in the package's
 * `hosts/flake.lock`.
 * @throws StepError when there is none.
 */
export async function nixosAnywhere(options: {
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
  readonly lockFile?: string;
}): Promise<string> {
  const chosen = (options.environment ?? process.env)["NIXOS_ANYWHERE"];
  if (chosen !== undefined && chosen !== "") {
    if (existsSync(chosen)) return path.resolve(chosen);
    throw sourceError(
      `NIXOS_ANYWHERE names ${chosen}, which does not exist`,
      "correct or unset NIXOS_ANYWHERE",
    );
  }
  const lock = options.lockFile ?? path.join(packageRoot(), "hosts", "flake.lock");
  const reference = pinnedReference(await readFile(lock, "utf8"));
  const features = ["--extra-experimental-features", "nix-command flakes"];
  const result = await run("nix", [...features, "flake", "prefetch", "--json", reference], {
    timeoutSeconds: options.timeoutSeconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (!result.ok)
    throw sourceError(
      `${reference} could not be fetched: ${result.stderr.trim().split("\n").slice(-5).join("\n")}`,
      "check the network, or set NIXOS_ANYWHERE to the path of a nixos-anywhere.sh",
    );
  const { storePath } = z.object({ storePath: z.string() }).parse(JSON.parse(result.stdout));
  return path.join(storePath, "src", "nixos-anywhere.sh");
}

function sourceError(seen: string, next: string): StepError {
  return new StepError({ step: "nixos-anywhere", seen, next });
}

import { existsSync } from "node:fs";
import { z } from "zod";
import { StepError } from "../../platform/step-error.ts";
import { describeNixError } from "../nix-error.ts";
import { runNix } from "../run-nix.ts";
import type { FlakeReference } from "./flake-reference.ts";
import { type FetchedTree, type SourceFetcher, snapshotOf } from "./source-snapshot.ts";

const prefetchSchema = z.object({
  hash: z.string().startsWith("sha256-"),
  storePath: z.string().startsWith("/nix/store/"),
  locked: z.object({
    rev: z.string().optional(),
    dirtyRev: z.string().optional(),
    lastModified: z.number().optional(),
  }),
});

/** Arguments of `nix` that copy a source tree to the store. */
export function prefetchArguments(reference: FlakeReference): string[] {
  // A reference that says where needs no registry of names, which Nix would otherwise ask its server for.
  const named = !/^[a-z+]+:/.test(reference.url) || reference.url.startsWith("flake:");
  const more = reference.kind === "moving" ? ["--refresh"] : [];
  const registry = named ? [] : ["--option", "flake-registry", ""];
  return ["flake", "prefetch", "--json", ...more, ...registry, reference.url];
}

/** Reads what `prefetchArguments` print. */
export function parsePrefetched(stdout: string): FetchedTree {
  return prefetchSchema.parse(JSON.parse(stdout));
}

/**
 * Has source trees in the local store. `nix flake prefetch` neither evaluates the flake nor touches its lock file, and takes a dirty
 * tree as it is.
 */
export const nixFetcher: SourceFetcher = {
  has: ({ storePath }) => existsSync(storePath),
  async fetch(reference, identity, options) {
    const result = await runNix(prefetchArguments(reference), options);
    if (!result.ok)
      throw new StepError({
        step: `fetching the flake ${reference.url}`,
        ...describeNixError(result, options),
      });
    return snapshotOf(reference, identity, parsePrefetched(result.stdout));
  },
};

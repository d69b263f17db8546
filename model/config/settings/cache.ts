import { z } from "zod";
import type { Publication } from "../../protocol/binary-cache.ts";
import { secretName } from "./secrets.ts";

/**
 * URL of a binary cache that Nix can write to (Nix manual, "Store Types"). Passwords in it would end up in lists of processes and in
 * logs: Nix reads them from files and variables of its own.
 */
const cacheUrl = z
  .string()
  .regex(
    /^(s3|https?|file|ssh|ssh-ng):\/\/\S+$/,
    "must be the URL of a binary cache: s3://, https:// or file://",
  )
  .refine((url) => !/^[a-z0-9-]+:\/\/[^/@]*:[^/@]*@/.test(url), "must hold no password");

/** What happens to a system that was built on this machine before it goes to its host. */
export const cacheSettings = z
  .strictObject({
    /** Binary cache it is copied to. */
    push: cacheUrl.optional(),
    /** Name of the secret that it is signed with: a key of `nix key generate-secret`. */
    signingKey: secretName.optional(),
  })
  .refine(({ push, signingKey }) => push !== undefined || signingKey !== undefined, {
    error: "must have push or signingKey",
  });
export type CacheSettings = z.infer<typeof cacheSettings>;

/** Applies the defaults. */
export function publicationOf(settings: CacheSettings | undefined): Publication {
  return { push: settings?.push ?? null, signingKey: settings?.signingKey ?? null };
}

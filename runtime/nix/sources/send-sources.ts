import { createReadStream } from "node:fs";
import type { Limits } from "../../platform/limits.ts";
import type { SshSession } from "../../ssh/target.ts";
import { remoteNixError } from "../remote-nix.ts";
import { archiveFile } from "./archive-cache.ts";

const step = "sending the flake's sources";

/**
 * Puts archived source trees into the store of a machine; what is there already is not sent.
 * @throws StepError naming the machine
 */
export async function sendSources(
  session: SshSession,
  storePaths: readonly string[],
  cacheRoot: string,
  limits: Limits,
): Promise<void> {
  for (const storePath of storePaths) {
    const known = await session.run(["nix-store", "--check-validity", storePath], {
      ...limits,
      elevate: true,
    });
    if (known.ok) continue;
    const result = await session.script("nix/import-source", [storePath], {
      ...limits,
      input: createReadStream(archiveFile(cacheRoot, storePath)),
      elevate: true,
    });
    if (!result.ok) throw remoteNixError({ session }, step, result, limits);
  }
}

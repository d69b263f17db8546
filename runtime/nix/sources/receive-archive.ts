import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import path from "node:path";
import { finished, pipeline } from "node:stream/promises";
import type { Limits } from "../../platform/limits.ts";
import { createInPlace } from "../../platform/replace-file.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/target.ts";
import { remoteNixError } from "../remote-nix.ts";
import { sourceStorePath } from "../store-path.ts";
import { archiveFile } from "./archive-cache.ts";

const step = "reading the flake's sources";

/**
 * Takes a source tree from the store of a machine into the cache.
 * @throws StepError naming the machine, also when what came is not what the store path says
 */
export async function receiveArchive(
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
    if (!result.ok) throw remoteNixError({ session }, step, result, limits);
    const hash = createHash("sha256");
    await pipeline(createReadStream(temporary), hash);
    if (sourceStorePath(hash.digest()) !== storePath)
      throw new StepError({
        host: session.target.host,
        step,
        seen: `what came is not ${storePath}`,
        next: "Run it again; if it happens again, repair the machine's store: nix-store --verify --check-contents.",
      });
  };
  await createInPlace(path.dirname(file), write, () => file, 0o700);
}

import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { configurationNames } from "./attributes.ts";
import { openFlakeSource, type SourceOptions } from "./flake-source.ts";
import { readRecord, writeRecord } from "./record-file.ts";

const recordSchema = z.strictObject({ names: z.array(z.string()) });

/**
 * `configurationNames`, remembered by the flake's content: no Nix process is started for a flake that has not changed.
 * @throws StepError when the flake can't be read
 */
export async function knownConfigurations(flake: string, options: SourceOptions): Promise<readonly string[]> {
  const identity = await openFlakeSource(flake, options).identity();
  const hash = createHash("sha256").update(identity).digest("hex");
  const file = path.join(options.cacheRoot, "configurations", `${hash}.json`);
  const remembered = await readRecord(file, recordSchema);
  if (remembered !== undefined) return remembered.names;
  const names = await configurationNames(flake, options);
  await writeRecord(file, { names });
  return names;
}

import path from "node:path";
import { z } from "zod";
import { readRecord, writeRecord } from "../platform/json-file.ts";

/** What is remembered of a host between runs, on this machine only. No secrets; losing it costs a word in a preview. */
const hostRecordSchema = z.strictObject({
  version: z.literal(1),
  /** Store path that was deployed last. */
  system: z.string().startsWith("/nix/store/"),
});

/** File of one host of a stack. */
export interface HostCacheKey {
  /** Such as `.fleet/cache`, absolute. */
  readonly cacheRoot: string;
  /** Name of the stack without its project. */
  readonly environment: string;
  readonly host: string;
}

function fileOf({ cacheRoot, environment, host }: HostCacheKey): string {
  return path.join(cacheRoot, "stacks", environment, `${host}.json`);
}

/** Store path deployed last as far as this machine knows. */
export async function lastDeployed(place: HostCacheKey): Promise<string | undefined> {
  return (await readRecord(fileOf(place), hostRecordSchema))?.system;
}

/** Remembers a deployment; nothing is written when it is known already. */
export async function cacheDeployed(place: HostCacheKey, system: string): Promise<void> {
  if ((await lastDeployed(place)) === system) return;
  await writeRecord(fileOf(place), { version: 1, system });
}

import path from "node:path";
import { z } from "zod";
import { type Choice, choiceSchema } from "../../model/cloud-catalog/choice.ts";
import { readRecord, writeRecord } from "../platform/json-file.ts";

/** What hosts took of their cloud's offers when it was last found right. No secrets; losing it costs a look at state or cloud. */
const knownSchema = z.strictObject({
  version: z.literal(1),
  /** By host. */
  choices: z.record(z.string(), choiceSchema),
});

export type KnownChoices = Readonly<Record<string, Choice>>;

/** A stack's choices on this machine. `cacheRoot`: such as `.fleet/cache`, absolute. */
export interface StackCacheKey {
  readonly cacheRoot: string;
  /** Name of the stack without its project. */
  readonly environment: string;
}

/** No host is called so: there hosts have files of their own. */
function fileOf({ cacheRoot, environment }: StackCacheKey): string {
  return path.join(cacheRoot, "stacks", environment, "_offers.json");
}

/** Empty when nothing is known. */
export async function cachedChoices(place: StackCacheKey): Promise<KnownChoices> {
  return (await readRecord(fileOf(place), knownSchema))?.choices ?? {};
}

export async function cacheChoices(place: StackCacheKey, choices: KnownChoices): Promise<void> {
  await writeRecord(fileOf(place), { version: 1, choices });
}

import path from "node:path";
import { z } from "zod";
import { type BalancerChoice, balancerChoiceSchema } from "../../model/cloud-catalog/load-balancer.ts";
import { readRecord, writeRecord } from "../platform/json-file.ts";
import type { StackCacheKey } from "./validated-choices.ts";

/** What load balancers took of Hetzner's offers when it was last found right. No secrets; losing it costs one question. */
const knownSchema = z.strictObject({
  version: z.literal(1),
  /** By balancer. */
  balancers: z.record(z.string(), balancerChoiceSchema),
});

export type KnownBalancers = Readonly<Record<string, BalancerChoice>>;

function fileOf({ cacheRoot, environment }: StackCacheKey): string {
  return path.join(cacheRoot, "stacks", environment, "_balancers.json");
}

/** Empty when nothing is known. */
export async function cachedLoadBalancers(place: StackCacheKey): Promise<KnownBalancers> {
  return (await readRecord(fileOf(place), knownSchema))?.balancers ?? {};
}

export async function rememberBalancers(place: StackCacheKey, balancers: KnownBalancers): Promise<void> {
  await writeRecord(fileOf(place), { version: 1, balancers });
}

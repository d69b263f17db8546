import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { readRecord, writeRecord } from "./json-file.ts";

/** A stack on this machine. */
export interface StackCacheKey {
  /** Such as `.fleet/cache`, absolute. */
  readonly cacheRoot: string;
  /** Name of the stack without its project. */
  readonly environment: string;
}

/** A value that is remembered of a stack between runs, on this machine only. No secrets; losing it costs a question and no more. */
export interface StackCache<T> {
  /** Undefined when nothing is known. */
  read(stack: StackCacheKey): Promise<T | undefined>;
  /** Nothing is written when it is known already. */
  write(stack: StackCacheKey, value: T): Promise<void>;
}

/** @param name of its file: a host, or with `_` in front, which no host has */
export function stackCache<T>(name: string, valueSchema: z.ZodType<T>): StackCache<T> {
  const schema = z.strictObject({ version: z.literal(1), value: valueSchema });
  const fileOf = ({ cacheRoot, environment }: StackCacheKey) =>
    path.join(cacheRoot, "stacks", environment, `${name}.json`);
  const read = async (stack: StackCacheKey) => (await readRecord(fileOf(stack), schema))?.value;
  return {
    read,
    async write(stack, value) {
      if (!isDeepStrictEqual(await read(stack), value))
        await writeRecord(fileOf(stack), { version: 1, value });
    },
  };
}

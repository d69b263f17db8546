import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { type FileModes, replaceFile } from "./replace-file.ts";

/** Writes a JSON document so that readers see all of it or nothing, also after a crash. */
export async function writeRecord(file: string, record: unknown, modes: FileModes = {}): Promise<void> {
  await replaceFile(file, `${JSON.stringify(record, undefined, 2)}\n`, modes);
}

/** Reads a JSON document; undefined when it is missing, cut off or of another version's shape: a cache entry is never an error. */
export async function readRecord<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { publicKeySchema } from "../../../model/protocol/connection.ts";

/** The host key of a rescue system that was booted for an install, as long as it or the installer started from it runs. */
const pinSchema = z.strictObject({
  version: z.literal(1),
  serverId: z.string(),
  publicKey: publicKeySchema,
});

/** Key pinned for that server; undefined when there is none, or the file is damaged: then the key is not trusted. */
export async function readRescuePin(file: string, serverId: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const pin = pinSchema.parse(JSON.parse(text));
    return pin.serverId === serverId ? pin.publicKey : undefined;
  } catch {
    return undefined;
  }
}

/** Pins a key, before the first connection is made with it, so that a killed install finds its machine again. */
export async function writeRescuePin(file: string, serverId: string, publicKey: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}.new`;
  await writeFile(unfinished, `${JSON.stringify({ version: 1, serverId, publicKey })}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

/** Forgets it: that boot is over. */
export async function removeRescuePin(file: string): Promise<void> {
  await rm(file, { force: true });
}

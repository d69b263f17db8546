import { rm } from "node:fs/promises";
import { z } from "zod";
import { publicKeySchema } from "../../../model/protocol/connection.ts";
import { readRecord, writeRecord } from "../../platform/json-file.ts";

/** The host key of a rescue system that was booted for an install, as long as it or the installer started from it runs. */
const pinSchema = z.strictObject({
  version: z.literal(1),
  serverId: z.string(),
  publicKey: publicKeySchema,
});

/** Key pinned for that server; undefined when there is none, or the file is damaged: then the key is not trusted. */
export async function readRescuePin(file: string, serverId: string): Promise<string | undefined> {
  const pin = await readRecord(file, pinSchema);
  return pin?.serverId === serverId ? pin.publicKey : undefined;
}

/** Pins a key, before the first connection is opened with it, so that a killed install finds its machine again. */
export async function writeRescuePin(file: string, serverId: string, publicKey: string): Promise<void> {
  await writeRecord(file, { version: 1, serverId, publicKey }, { mode: 0o600, folderMode: 0o700 });
}

/** Forgets it: that boot is over. */
export async function removeRescuePin(file: string): Promise<void> {
  await rm(file, { force: true });
}

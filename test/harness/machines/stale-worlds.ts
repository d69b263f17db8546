import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { run } from "../../../runtime/platform/run-command.ts";
import { fleetFolder } from "./fleet-folder.ts";
import { must } from "./must.ts";

const loopDevices = z.object({
  loopdevices: z.array(z.object({ name: z.string(), "back-file": z.string().nullable() })),
});

/** Removes the files of worlds that were killed, and loop devices they lost in the instant between attaching and arming. */
export async function sweepStaleWorlds(): Promise<void> {
  const worlds = path.join(fleetFolder, "worlds");
  if (!existsSync(worlds)) return;
  for (const name of await readdir(worlds)) {
    const stateDir = path.join(worlds, name);
    if (await isInUse(stateDir)) continue;
    await detachLoopDevices(stateDir);
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function isInUse(stateDir: string): Promise<boolean> {
  const lock = path.join(stateDir, "lock");
  if (!existsSync(lock)) return false;
  const attempt = await run("flock", ["--nonblock", lock, "true"], { timeoutSeconds: 5 });
  return !attempt.ok;
}

/** Detaches every loop device whose backing file lies in the folder. */
async function detachLoopDevices(folder: string): Promise<void> {
  const text = await must("losetup", ["--list", "--json", "--output", "NAME,BACK-FILE"]);
  if (text === "") return;
  for (const device of loopDevices.parse(JSON.parse(text)).loopdevices)
    if (device["back-file"]?.startsWith(`${folder}/`) === true)
      await must("losetup", ["--detach", device.name]);
}

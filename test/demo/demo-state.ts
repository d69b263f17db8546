import { readFileSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { describeWorld, stopWorld } from "../harness/machines/world.ts";

/** Everything the demo writes. */
export const demoFolder = path.join(packageRoot(), ".fleet", "demo");
/** The Pulumi project the demo works on. */
export const demoProject = path.join(demoFolder, "fleet");

const stateFile = path.join(demoFolder, "demo.json");
const stateSchema = z.strictObject({
  /** First process of the demo's world, as seen from outside. */
  world: z.number().int(),
  /** Set once both servers ran: what was interrupted before is thrown away. */
  complete: z.boolean(),
});
export type DemoState = z.infer<typeof stateSchema>;

/** Folder for the world's machines. */
export const demoWorldFolder = path.join(demoFolder, "world");

/** The demo that is there; undefined: none. */
function readDemoState(): DemoState | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(stateFile, "utf8")));
  } catch {
    return undefined;
  }
}

/** The demo that runs and is complete; undefined: there is none to work with. */
export function runningDemo(): DemoState | undefined {
  const state = readDemoState();
  if (state === undefined || !state.complete || describeWorld(state.world) === undefined) return undefined;
  return state;
}

/** Remembers the demo for later commands. */
export async function writeDemoState(state: DemoState): Promise<void> {
  await mkdir(demoFolder, { recursive: true });
  writeFileSync(stateFile, `${JSON.stringify(state)}\n`);
}

/** Ends the demo's world, whatever state it is in, and removes all its files. Safe to call again. */
export async function removeDemo(): Promise<void> {
  const state = readDemoState();
  if (state !== undefined) await stopWorld(state.world, demoWorldFolder);
  await rm(demoFolder, { recursive: true, force: true });
}

import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { joinWorld } from "../harness/machines/world.ts";

const readySchema = z.object({ endpoint: z.url() });
const readySeconds = 30;

/**
 * Starts the emulated Hetzner Cloud inside a world; it ends with the world.
 * @returns its API endpoint, valid inside the world
 * @throws Error with the emulator's own words when it does not answer in time
 */
export async function startCloudProcess(options: {
  world: number;
  token: string;
  logFolder: string;
  environment: Readonly<Record<string, string>>;
  /** Firmware delay of each boot, in milliseconds. */
  bootDelayMs: number;
}): Promise<string> {
  const output = path.join(options.logFolder, "cloud.out");
  const log = openSync(output, "w", 0o600);
  const program = path.join(packageRoot(), "test", "harness", "cloud", "main.ts");
  const child = joinWorld(
    options.world,
    [process.execPath, "--import", "tsx", program, "--boot-delay-ms", String(options.bootDelayMs)],
    {
      cwd: packageRoot(),
      environment: { ...options.environment, HCLOUD_TOKEN: options.token },
      stdio: ["ignore", log, log],
      detached: true,
    },
  );
  closeSync(log);
  child.unref();
  const deadline = Date.now() + readySeconds * 1000;
  while (Date.now() < deadline) {
    const endpoint = endpointIn(readFileSync(output, "utf8"));
    if (endpoint !== undefined) return endpoint;
    if (child.exitCode !== null) break;
    await pause(50);
  }
  throw new Error(`the emulated cloud does not answer:\n${readFileSync(output, "utf8")}`);
}

function endpointIn(output: string): string | undefined {
  for (const line of output.split("\n")) {
    if (!line.startsWith("{")) continue;
    const ready = readySchema.safeParse(JSON.parse(line));
    if (ready.success) return ready.data.endpoint;
  }
  return undefined;
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { downloadPackages } from "../toolchain/private-apt.ts";
import { fleetFolder } from "./fleet-folder.ts";
import { must } from "./must.ts";

/** Programs some tests put on machines, which no machine has by itself; from the suite that the machines' userland is of. */
const suite = "trixie";
const packages = ["prometheus", "prometheus-node-exporter", "wireguard-go", "wireguard-tools"];
const unpackSeconds = 120;

function programsFolder(): string {
  const key = createHash("sha256")
    .update(JSON.stringify([suite, packages]))
    .digest("hex")
    .slice(0, 16);
  return path.join(fleetFolder, "toolchain", `machine-programs-${key}`);
}

/**
 * Gets the programs unless they are there. Needs the network, so call it outside a world.
 * @returns why they cannot be had: the tests that need them are left out; undefined when they are there
 */
export async function prepareMachinePrograms(signal?: AbortSignal): Promise<string | undefined> {
  const folder = programsFolder();
  if (existsSync(folder)) return undefined;
  const unfinished = `${folder}.${process.pid}.new`;
  try {
    const cacheDir = path.join(fleetFolder, "toolchain", "packages");
    const debs = await downloadPackages({
      suite,
      packages,
      cacheDir,
      ...(signal === undefined ? {} : { signal }),
    });
    await mkdir(unfinished, { recursive: true });
    for (const deb of debs)
      if (packages.includes(path.basename(deb).split("_")[0] ?? ""))
        await must("dpkg-deb", ["--extract", deb, unfinished], { timeoutSeconds: unpackSeconds });
    await rename(unfinished, folder).catch((error: unknown) => {
      // Another set-up was faster; its result is the same.
      if (!existsSync(folder)) throw error;
    });
    return undefined;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return `${packages.join(", ")} cannot be had: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Folder that machines have as /run/fleet-machine/programs, if it is there when they boot. */
export function lentPrograms(): string {
  return path.join(programsFolder(), "usr", "bin");
}

/** Paths of programs that `prepareMachinePrograms` got, by name; undefined where it could not. Usable inside a world. */
export function machineProgram(
  name: "prometheus" | "prometheus-node-exporter" | "wireguard-go" | "wg",
): string | undefined {
  const file = path.join(lentPrograms(), name);
  return existsSync(file) ? file : undefined;
}

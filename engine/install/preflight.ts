import { stat } from "node:fs/promises";
import { layoutDevices } from "../../fleet/disk-layout.ts";
import type { InstallSpec } from "../../fleet/protocol/install.ts";
import { bootFaults } from "./boot-mode.ts";
import { describeBytes } from "./bytes.ts";
import { keyFaults } from "./key-faults.ts";
import { lockOutFaults } from "./lock-out.ts";
import type { NamedDevice, Observation } from "./observation.ts";

/** What an install would run into, found before the machine is touched. */
export interface Preflight {
  /** It cannot work; empty when there is nothing. */
  readonly faults: readonly string[];
  /** It may work, and somebody should know. */
  readonly warnings: readonly string[];
}

/** Size of a kexec tarball: unknown for a URL, absent when there is no such file. */
export type TarballSize = number | "unknown" | "absent";

/** What the operator's side knows. */
export interface Here {
  /** Seconds since 1970. */
  readonly now: number;
  readonly tarball: TarballSize;
}

const mebibyte = 1024 ** 2;
/** A machine sold with 1 GB shows some 960 MiB; below that the installer, which lives in RAM, has no room for the disk tools. */
const leastMemory = 900 * mebibyte;
/** What nixos-anywhere asks for: 1.5 GB without swap (its docs/requirements.md). */
const easyMemory = 1400 * mebibyte;
/** nixos-images' tarball, some 400 MiB, unpacked while it is loaded. */
const defaultTarball = 450 * mebibyte;
const clockTolerance = 3600;

/** Size of a tarball given by path; a URL's is unknown. */
export async function tarballSize(tarball: string | null): Promise<TarballSize> {
  if (tarball === null || /^https?:/.test(tarball)) return "unknown";
  return await stat(tarball).then(
    ({ size }) => size,
    () => "absent",
  );
}

/** All faults at once. */
export function preflight(seen: Observation, spec: InstallSpec, here: Here): Preflight {
  const { system, connection } = spec;
  const faults: string[] = [];
  const architecture = system.platform.replace(/-linux$/, "");
  if (seen.architecture !== architecture)
    faults.push(`the system is built for ${system.platform}, the machine is ${seen.architecture}`);
  if (!seen.root) faults.push(`user "${connection.user}" may not become root by sudo`);
  if (system.disko === null)
    faults.push("the configuration has no disk layout (config.system.build.diskoScript)");
  if (seen.memory < leastMemory)
    faults.push(
      `the machine has ${describeBytes(seen.memory)} of RAM: the installer runs in memory and takes ${describeBytes(leastMemory)} at least`,
    );
  faults.push(
    ...deviceFaults(seen, layoutDevices(system.diskLayout)),
    ...bootFaults(seen, system),
    ...keyFaults(system.traits, Object.keys(spec.diskKeys)),
    ...spaceFaults(seen, spec.kexecTarball, here.tarball),
    ...lockOutFaults(system.traits, connection),
  );
  return { faults, warnings: warningsOf(seen, here.now) };
}

/** What is wrong with the devices the disk layout names, each of which the machine was asked for. */
export function deviceFaults({ devices, volumes }: Observation, wanted: readonly string[]): string[] {
  const faults: string[] = [];
  const users = new Map<string, string>();
  for (const name of wanted) {
    const device = devices.find((candidate) => candidate.name === name);
    if (device === undefined) throw new Error(`the machine was not asked for ${name}`);
    const { path } = device;
    const fault = deviceFault(device, volumes) ?? twice(path === null ? undefined : users.get(path), name);
    if (fault !== undefined) faults.push(fault);
    if (path !== null) users.set(path, name);
  }
  return faults;
}

function deviceFault({ name, kind, path }: NamedDevice, volumes: readonly string[]): string | undefined {
  const shown = path === null || path === name ? name : `${name} (${path})`;
  if (path !== null && volumes.includes(path))
    return `the disk layout would format ${shown}, a cloud volume: it holds data that outlives the server`;
  switch (kind) {
    case "missing":
      return `the disk layout wants ${name}, and the machine has no such device`;
    case "no-device":
      return `the disk layout wants ${shown}, which is no block device`;
    case "partition":
      return `the disk layout wants ${shown} as a disk, and it is a partition`;
    case "read-only":
      return `the disk layout wants ${shown}, which cannot be written`;
    case "disk":
      return undefined;
  }
}

function twice(other: string | undefined, name: string): string | undefined {
  return other === undefined ? undefined : `the disk layout names one disk twice: ${other} and ${name}`;
}

/** The installer is there already, or its tarball has to find room in the user's home. */
function spaceFaults({ installer, home }: Observation, given: string | null, tarball: TarballSize): string[] {
  if (installer) return [];
  if (tarball === "absent") return [`the kexec tarball ${given ?? ""} does not exist here`];
  // It is there packed and unpacked for a moment, and its content is compressed already.
  const needed = tarball === "unknown" ? defaultTarball : 2 * tarball;
  if (home.free >= needed) return [];
  return [
    `${home.path} on the machine has ${describeBytes(home.free)} left: the installer's tarball takes ${describeBytes(needed)}`,
  ];
}

function warningsOf({ memory, clock }: Observation, now: number): string[] {
  const warnings: string[] = [];
  if (memory >= leastMemory && memory < easyMemory)
    warnings.push(
      `${describeBytes(memory)} of RAM are little: a large system may not fit beside the installer`,
    );
  const hours = Math.abs(clock - now) / 3600;
  if (Math.abs(clock - now) > clockTolerance)
    warnings.push(
      `the machine's clock is ${hours.toFixed(1)} hours ${clock > now ? "ahead" : "behind"}: certificates of binary caches may be refused`,
    );
  return warnings;
}

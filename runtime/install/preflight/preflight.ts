import { stat } from "node:fs/promises";
import { describeBytes } from "../../../model/naming/format-bytes.ts";
import { layoutDevices } from "../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import type { MachineFacts, NamedDevice } from "../machine/machine-facts.ts";
import { bootModeErrors } from "./boot-mode.ts";
import { diskKeyErrors } from "./disk-key-checks.ts";
import { lockoutErrors } from "./lock-out.ts";
import { planMemory } from "./memory.ts";
import { isIpv6Only, predictNetworkAfterKexec } from "./network-after-kexec.ts";

/** What an install would run into, found before the machine is touched. */
export interface Preflight {
  /** It cannot work; empty when there is nothing. */
  readonly errors: readonly string[];
  /** It may work, and the operator should know. */
  readonly warnings: readonly string[];
}

/** Size of a kexec tarball: unknown for a URL, absent when there is no such file. */
export type TarballSize = number | "unknown" | "absent";

/** What the operator's side knows. */
export interface Here {
  /** Seconds since 1970. */
  readonly now: number;
  readonly tarball: TarballSize;
  /** The installer will be started from the cloud's rescue system: room and network of the inspected system do not matter. */
  readonly throughRescue?: boolean;
}

const mebibyte = 1024 ** 2;
/** nixos-images' tarball, some 400 MiB, unpacked while it is loaded. */
const defaultTarball = 450 * mebibyte;
/** Certificates of binary caches are valid for months, but some from this very hour on. */
export const clockTolerance = 600;

/** Size of a tarball given by path; a URL's is unknown. */
export async function tarballSize(tarball: string | null): Promise<TarballSize> {
  if (tarball === null || isDownloaded(tarball)) return "unknown";
  return await stat(tarball).then(
    ({ size }) => size,
    () => "absent",
  );
}

/** All errors at once. */
export function preflight(seen: MachineFacts, spec: InstallSpec, here: Here): Preflight {
  const { system, connection } = spec;
  const errors: string[] = [];
  const architecture = system.platform.replace(/-linux$/, "");
  if (seen.architecture !== architecture)
    errors.push(`the system is built for ${system.platform}, the machine is ${seen.architecture}`);
  errors.push(...rootErrors(seen, connection));
  if (system.disko === null)
    errors.push("the configuration has no disk layout (config.system.build.diskoScript)");
  const fate = fateOf(seen, here);
  errors.push(
    ...memoryErrors(seen),
    ...deviceErrors(seen, layoutDevices(system.diskLayout)),
    ...bootModeErrors(seen, system),
    ...diskKeyErrors(system.traits, Object.keys(spec.diskKeys)),
    ...spaceErrors(seen, spec.kexecTarball, here),
    ...fate.errors,
    ...lockoutErrors(system.traits, connection),
  );
  return { errors, warnings: [...fate.warnings, ...clockWarnings(seen, here.now)] };
}

/** The part of it that needs no system: whether the machine can be booted into the installer. */
export function preflightOfInstaller(
  seen: MachineFacts,
  { connection, kexecTarball }: Pick<InstallSpec, "connection" | "kexecTarball">,
  here: Omit<Here, "now">,
): Preflight {
  const { errors, warnings } = fateOf(seen, here);
  const others = [
    ...rootErrors(seen, connection),
    ...memoryErrors(seen),
    ...spaceErrors(seen, kexecTarball, here),
  ];
  return { errors: [...others, ...errors], warnings };
}

function rootErrors({ root }: MachineFacts, { user }: InstallSpec["connection"]): string[] {
  return root ? [] : [`user "${user}" may not become root`];
}

/** What the disk tools take shows when they are built. */
function memoryErrors({ memory }: MachineFacts): string[] {
  const plan = planMemory(memory, { withTools: 0, withoutTools: 0 });
  return plan.kind === "impossible" ? [plan.error] : [];
}

/** The installer is reached already, or it will not be. */
function fateOf(
  { installer, network }: MachineFacts,
  { throughRescue = false }: Omit<Here, "now">,
): Preflight {
  return installer || throughRescue ? { errors: [], warnings: [] } : predictNetworkAfterKexec(network);
}

/** What is wrong with the devices the disk layout names, each of which the machine was asked for. */
export function deviceErrors({ devices, volumes }: MachineFacts, wanted: readonly string[]): string[] {
  const errors: string[] = [];
  const users = new Map<string, string>();
  for (const name of wanted) {
    const device = devices.find((candidate) => candidate.name === name);
    if (device === undefined) throw new Error(`the machine was not asked for ${name}`);
    const { path } = device;
    const error = deviceError(device, volumes) ?? twice(path === null ? undefined : users.get(path), name);
    if (error !== undefined) errors.push(error);
    if (path !== null) users.set(path, name);
  }
  return errors;
}

function deviceError({ name, kind, path }: NamedDevice, volumes: readonly string[]): string | undefined {
  const shown = path === null || path === name ? name : `${name} (${path})`;
  if (path !== null && volumes.includes(path))
    return `the disk layout would format ${shown}, a cloud volume: it holds data that outlives the server`;
  switch (kind) {
    case "missing":
      return `the disk layout wants ${name}, and the machine has no such device`;
    case "no-device":
      return `the disk layout wants ${shown}, which is not a block device`;
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
function spaceErrors(
  seen: MachineFacts,
  given: string | null,
  { tarball, throughRescue = false }: Omit<Here, "now">,
): string[] {
  const { installer, home } = seen;
  if (installer) return [];
  if (tarball === "absent") return [`the kexec tarball ${given ?? ""} does not exist on this machine`];
  if (throughRescue) return [];
  // What is uploaded is there packed and unpacked for a moment, and its content is compressed already.
  const size = tarball === "unknown" ? defaultTarball : tarball;
  const needed = tarball === "unknown" && !isUploaded(seen, given) ? size : 2 * size;
  if (home.free >= needed) return [];
  return [
    `${home.path} on the machine has ${describeBytes(home.free)} left: the installer's tarball takes ${describeBytes(needed)}`,
  ];
}

/**
 * Whether the tarball goes to the machine from this one: a file does, and so does one from the network where the machine has IPv6 alone,
 * which GitHub has not.
 */
export function isUploaded({ network }: Pick<MachineFacts, "network">, tarball: string | null): boolean {
  return !isDownloaded(tarball) || isIpv6Only(network);
}

/** Whether a tarball comes from the network. */
export function isDownloaded(tarball: string | null): boolean {
  return tarball === null || /^https?:/.test(tarball);
}

function clockWarnings({ clock }: MachineFacts, now: number): string[] {
  const minutes = Math.abs(clock - now) / 60;
  if (Math.abs(clock - now) <= clockTolerance) return [];
  const by = minutes < 120 ? `${Math.round(minutes)} minutes` : `${(minutes / 60).toFixed(1)} hours`;
  return [
    `the machine's clock is ${by} ${clock > now ? "ahead" : "behind"}: it is set in the installer, as binary caches would be refused`,
  ];
}

/** Why the system would not fit on the disks of its layout; empty where their sizes are unknown. */
export function diskSpaceErrors(
  { devices, disks }: Pick<MachineFacts, "devices" | "disks">,
  wanted: readonly string[],
  systemBytes: number,
): string[] {
  const paths = wanted.map((name) => devices.find((device) => device.name === name)?.path);
  const sizes = [...new Set(paths)].map((path) => disks.find((disk) => disk.path === path)?.bytes);
  if (sizes.length === 0 || sizes.includes(undefined)) return [];
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (systemBytes <= total) return [];
  return [
    `the system takes ${describeBytes(systemBytes)}, and the disks of its layout have ${describeBytes(total)} altogether`,
  ];
}

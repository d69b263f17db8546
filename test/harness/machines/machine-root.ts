import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { downloadPackages } from "../toolchain/private-apt.ts";
import { fleetFolder } from "./fleet-folder.ts";
import { must } from "./must.ts";

/** Read-only folders every machine's root is laid over. */
export interface MachineRoot {
  /** Userland without Nix: what a stock image has. */
  readonly base: string;
  /** Layer above it with Nix, its configuration and its build users. */
  readonly nix: string;
  /** Folder of disks with stock images, made when first asked for. */
  readonly images: string;
}

/** The suite the operator's Nix comes from as well: both ends run the same version. */
const suite = "trixie";
const packages = `
  base-files base-passwd bash bash-static bsdutils busybox-static coreutils dash diffutils findutils grep hostname libc-bin
  libpam-modules login mawk opendoas passwd procps psmisc sed sudo util-linux
  ca-certificates curl iproute2 iputils-ping openssh-client openssh-server openssh-sftp-server
  btrfs-progs cryptsetup-bin dosfstools e2fsprogs fdisk gdisk mount parted xfsprogs
  bzip2 cpio gzip jq nix-bin tar xz-utils zstd
`
  .trim()
  .split(/\s+/);
const buildScript = fileURLToPath(new URL("build-root.sh", import.meta.url));
const buildTimeoutSeconds = 300;

/** Where the base for this list of packages lies, whether it is there or not. */
async function machineRootFolder(): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([suite, packages]))
    .update(await readFile(buildScript))
    .digest("hex")
    .slice(0, 16);
  return path.join(fleetFolder, "toolchain", `machine-root-${key}`);
}

/**
 * Makes the base unless it is there: downloads the packages (needs the network, so call it outside a world) and unpacks them.
 *
 * @throws StepError when the packages cannot be had; Error when they cannot be unpacked
 */
export async function prepareMachineRoot(signal?: AbortSignal): Promise<MachineRoot> {
  const folder = await machineRootFolder();
  if (!existsSync(folder)) {
    const debs = await downloadPackages({
      suite,
      packages,
      cacheDir: path.join(fleetFolder, "toolchain", "packages"),
      ...(signal === undefined ? {} : { signal }),
    });
    const unfinished = `${folder}.${process.pid}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
      await must("bash", [buildScript, unfinished], {
        input: `${debs.join("\n")}\n`,
        timeoutSeconds: buildTimeoutSeconds,
        ...(signal === undefined ? {} : { signal }),
      });
      await rename(unfinished, folder).catch((error: unknown) => {
        // Another set-up was faster; its result is the same.
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  return layers(folder);
}

/**
 * The base that `prepareMachineRoot` made; usable inside a world, where nothing can be downloaded.
 *
 * @throws Error when it is missing
 */
export async function loadMachineRoot(): Promise<MachineRoot> {
  const folder = await machineRootFolder();
  if (!existsSync(folder))
    throw new Error(
      `no base for test machines at ${folder}: call prepareMachineRoot() before the world starts`,
    );
  return layers(folder);
}

function layers(folder: string): MachineRoot {
  return {
    base: path.join(folder, "base"),
    nix: path.join(folder, "nix"),
    images: path.join(folder, "images"),
  };
}

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import pRetry from "p-retry";
import { createBlankImage } from "./disk-image.ts";
import { attachLoopDevice, type LoopDevice } from "./loop-device.ts";
import type { MachinePaths } from "./machine-files.ts";
import { must } from "./must.ts";

interface Disk {
  readonly device: LoopDevice;
  /** In the machine's /dev. */
  readonly name: string;
  readonly id: string;
  readonly path: string;
}

/** The SCSI disks of one machine: `sda` is its own, the others are cloud volumes. */
export class MachineDisks {
  readonly #paths: MachinePaths;
  readonly #volumesFolder: string;
  readonly #volumes = new Map<string, Disk>();
  #own: Disk | undefined;

  constructor(paths: MachinePaths, volumesFolder: string) {
    this.#paths = paths;
    this.#volumesFolder = volumesFolder;
  }

  /** Attaches the machine's own disk image, in place of the one before. */
  async insertOwn(): Promise<void> {
    this.#own?.device.release();
    this.#own = {
      device: await attachLoopDevice(this.#paths.diskImage),
      name: "sda",
      id: "scsi-0QEMU_QEMU_HARDDISK_drive-scsi0-0-0-0",
      path: scsiPath(0),
    };
    await this.#writeList();
  }

  /** Takes the machine's own disk out, so that its image can be replaced. */
  ejectOwn(): void {
    this.#own?.device.release();
    this.#own = undefined;
  }

  /** Mounts a partition of the own disk for the time of `change`. */
  async mounted<T>(number: number, change: (root: string) => Promise<T>): Promise<T> {
    const kernelName = this.#own?.device.kernelName;
    if (kernelName === undefined) throw new Error("the machine has no disk");
    const node = path.join(this.#paths.folder, "partition");
    const root = path.join(this.#paths.folder, "mounted");
    await mkdir(root);
    try {
      // What the last processes still do to the partitions when the machine is switched off may get between.
      await pRetry(() => mountPartition(`${kernelName}p${number}`, kernelName, node, root), {
        ...{ retries: 20, minTimeout: 200, factor: 1 },
      });
      try {
        return await change(root);
      } finally {
        await must("umount", [root]);
      }
    } finally {
      await rm(node, { force: true });
      await rmdir(root);
    }
  }

  /** @returns the volume's link in the machine */
  async attachVolume(volumeId: string, sizeMiB: number, id = `scsi-0HC_Volume_${volumeId}`): Promise<string> {
    if (!this.#volumes.has(volumeId)) {
      const file = volumeFile(this.#volumesFolder, volumeId);
      await mkdir(this.#volumesFolder, { recursive: true });
      if (!existsSync(file)) await createBlankImage(file, sizeMiB);
      const names = new Set([...this.#volumes.values()].map((disk) => disk.name));
      const slot = [..."bcdefghijklmnopq"].findIndex((letter) => !names.has(`sd${letter}`)) + 1;
      if (slot === 0) throw new Error(`no slot is left for volume ${volumeId}: a machine takes 16`);
      const name = `sd${"abcdefghijklmnopq"[slot]}`;
      this.#volumes.set(volumeId, { device: await attachLoopDevice(file), name, id, path: scsiPath(slot) });
      await this.#writeList();
    }
    return `/dev/disk/by-id/${id}`;
  }

  async detachVolume(volumeId: string): Promise<void> {
    this.#volumes.get(volumeId)?.device.release();
    this.#volumes.delete(volumeId);
    await this.#writeList();
  }

  releaseAll(): void {
    this.ejectOwn();
    for (const disk of this.#volumes.values()) disk.device.release();
    this.#volumes.clear();
  }

  /** Format: see guest/commands/any/sync-devices.sh. */
  async #writeList(): Promise<void> {
    const disks = [...(this.#own === undefined ? [] : [this.#own]), ...this.#volumes.values()];
    const lines = disks.map((disk) => `${disk.name} ${disk.device.kernelName} ${disk.id} ${disk.path}\n`);
    await writeFile(path.join(this.#paths.hardware, "disks"), lines.join(""));
  }
}

/** Backing file of a volume. */
export function volumeFile(volumesFolder: string, volumeId: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(volumeId)) throw new Error(`invalid volume id "${volumeId}"`);
  return path.join(volumesFolder, `${volumeId}.img`);
}

function scsiPath(slot: number): string {
  return `pci-0000:00:05.0-scsi-0:0:0:${slot}`;
}

async function mountPartition(name: string, disk: string, node: string, root: string): Promise<void> {
  // A kernel without support for partition tables has to be told.
  await must("partx", ["--update", `/dev/${disk}`]);
  const device = await readFile(`/sys/class/block/${name}/dev`, "utf8");
  await rm(node, { force: true });
  await must("mknod", [node, "b", ...device.trim().split(":")]);
  await must("mount", [node, root]);
}

import { closeSync, openSync } from "node:fs";
import { must } from "./must.ts";

/** A disk image as a block device with partitions. */
export interface LoopDevice {
  /** Kernel name, such as `loop3`. */
  readonly kernelName: string;
  /** Lets go of it: the kernel detaches it once nothing in it is mounted or open any more. */
  release(): void;
}

/**
 * Attaches an image. The kernel detaches it by itself when the last user is gone, also when this process is killed.
 *
 * @throws Error when no loop device can be had
 */
export async function attachLoopDevice(image: string): Promise<LoopDevice> {
  const device = await must("losetup", ["--find", "--show", "--partscan", image]);
  const descriptor = openSync(device, "r+");
  // Detaching a device that is in use (by us) only arms the automatic detaching.
  await must("losetup", ["--detach", device]);
  let open = true;
  return {
    kernelName: device.replace("/dev/", ""),
    release: () => {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

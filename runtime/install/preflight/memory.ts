import { describeBytes } from "../../../model/naming/format-bytes.ts";

/** How an install copes with the RAM there is. */
export type MemoryPlan =
  | {
      readonly kind: "possible";
      /** `brought`: disko's own tools are copied into the installer's memory; `installer`: those it has are used. */
      readonly tools: "brought" | "installer";
      /** Compressed swap in the installer's memory. */
      readonly zram: boolean;
      /** What was chosen, and why; null where RAM is no matter. */
      readonly choice: string | null;
    }
  | { readonly kind: "impossible"; readonly error: string };

export interface MemoryNeeds {
  /** Bytes of the disk script and all it refers to. */
  readonly withTools: number;
  /** The same of the script that relies on the installer's tools; null: the configuration has none. */
  readonly withoutTools: number | null;
}

const mebibyte = 1024 ** 2;
/** A machine sold with 1 GB shows some 960 MiB; below that the installer itself does not start. */
const leastMemory = 900 * mebibyte;
/** What nixos-anywhere asks for: 1.5 GB without swap (its docs/requirements.md). A machine sold with that shows somewhat less. */
const easyMemory = 1400 * mebibyte;
/** The installer in memory: kernel, its packed file system, services. */
const installerItself = 650 * mebibyte;

/**
 * Room for files next to the running installer: its writable file system takes half of the RAM at most (tmpfs(5)).
 * @param memory bytes of RAM
 * @internal
 */
export function installerRoom(memory: number): number {
  return Math.max(0, Math.min(memory / 2, memory - installerItself));
}

/**
 * Chooses by RAM, before the machine is touched. The system itself is written to the disks, not into memory, so only the disk tools
 * count.
 * @param memory bytes of RAM, swap left out: it does not survive kexec
 */
export function planMemory(memory: number, { withTools, withoutTools }: MemoryNeeds): MemoryPlan {
  const has = `the machine has ${describeBytes(memory)} of RAM`;
  if (memory < leastMemory)
    return {
      kind: "impossible",
      error: `${has}: the installer runs in memory and takes ${describeBytes(leastMemory)} at least`,
    };
  const room = installerRoom(memory);
  const zram = memory < easyMemory;
  const swap = zram ? ", with compressed swap in memory (zram)" : "";
  if (withTools <= room && memory >= easyMemory)
    return { kind: "possible", tools: "brought", zram, choice: null };
  if (withoutTools !== null && withoutTools <= room) {
    const choice = `${has}: using the installer's own disk tools, not those of disko${withTools === 0 ? "" : ` (${describeBytes(withTools)})`}${swap}`;
    return { kind: "possible", tools: "installer", zram, choice };
  }
  if (withTools <= room)
    return { kind: "possible", tools: "brought", zram, choice: `${has}: installing${swap}` };
  return {
    kind: "impossible",
    error: `${has}: the installer leaves ${describeBytes(room)}, and the disk tools take ${describeBytes(withoutTools ?? withTools)}`,
  };
}

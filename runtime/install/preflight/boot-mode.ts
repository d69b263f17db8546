import { z } from "zod";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import type { DiskLayout } from "../../../model/protocol/disk-layout.ts";
import type { MachineFacts } from "../machine/machine-facts.ts";

/** What firmware searches for in a disk layout. */
interface BootPartitions {
  /** EF02: GRUB's room on a GPT disk, for BIOS. */
  readonly bios: boolean;
  /** EF00: the EFI system partition. */
  readonly esp: boolean;
  /** A table that is not GPT, or described in disko's old way: what it holds is unknown. */
  readonly otherTable: boolean;
}

const contentSchema = z.looseObject({ kind: z.string(), partitions: z.unknown().optional() });
const disksSchema = z.record(z.string(), z.looseObject({ content: contentSchema.optional() }));
const partitionsSchema = z.record(z.string(), z.looseObject({ type: z.string().optional() }));

function bootPartitions(layout: DiskLayout): BootPartitions {
  const contents = Object.values(disksSchema.parse(layout.tree["disk"] ?? {})).map(({ content }) => content);
  const types = contents
    .filter((content) => content?.kind === "gpt")
    .flatMap((content) => Object.values(partitionsSchema.parse(content?.partitions ?? {})))
    .map(({ type }) => type);
  return {
    bios: types.includes("EF02"),
    esp: types.includes("EF00"),
    otherTable: contents.some((content) => content?.kind === "table"),
  };
}

/** Why the machine's firmware would not start the installed system; empty when it would, as far as the configuration shows. */
export function bootModeErrors(
  { firmware, architecture }: Pick<MachineFacts, "firmware" | "architecture">,
  { diskLayout, traits }: Pick<HostSystem, "diskLayout" | "traits">,
): string[] {
  // Only PCs have a BIOS: elsewhere a missing UEFI says nothing.
  if (firmware === "bios" && architecture !== "x86_64") return [];
  const errors: string[] = [];
  const startedBy = traits?.firmware ?? null;
  const name = { bios: "BIOS", uefi: "UEFI" }[firmware];
  const loader = { bios: "boot.loader.grub.devices", uefi: "boot.loader.grub.efiSupport, or systemd-boot" };
  if (startedBy !== null && !startedBy.includes(firmware))
    errors.push(`the machine boots by ${name}, and the system's boot loader cannot (${loader[firmware]})`);
  // Another boot loader may need other partitions.
  if (diskLayout === null || startedBy === null) return errors;
  const { bios, esp, otherTable } = bootPartitions(diskLayout);
  if (otherTable) return errors;
  if (firmware === "bios" && !bios)
    errors.push("the machine boots by BIOS, and the disk layout has no boot partition for it (type EF02)");
  if (firmware === "uefi" && !esp)
    errors.push("the machine boots by UEFI, and the disk layout has no EFI system partition (type EF00)");
  return errors;
}

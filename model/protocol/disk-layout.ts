import { z } from "zod";
import { parseDocument, stableJson } from "../json/json.ts";

/**
 * What cannot change on formatted disks without losing their data (`runtime/nix/evaluation/wrapper/disk-layout.nix`): by kind (`disk`, `mdadm`,
 * `lvm_vg`, `zpool`), then by disko's names.
 */
const diskTreeSchema = z.record(z.string(), z.json());
export type DiskTree = z.infer<typeof diskTreeSchema>;

/** A tree with the SHA-256 of its canonical JSON, in hexadecimal. */
export const diskLayoutSchema = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  tree: diskTreeSchema,
});
export type DiskLayout = z.infer<typeof diskLayoutSchema>;

/** Where an installed host keeps its `DiskRecord`. */
export const diskRecordPath = "/etc/fleet/disks.json";

/** The layout a host's disks were formatted with, or that was accepted since. */
export const diskRecordSchema = z.strictObject({ version: z.literal(1), layout: diskLayoutSchema });
export type DiskRecord = z.infer<typeof diskRecordSchema>;

/** One difference of two layouts. */
export interface LayoutChange {
  /** Where, as in the tree: `disk.main.content.partitions.root.size`. */
  readonly path: string;
  /** Value on the disks, as JSON; undefined: it is new. */
  readonly was: string | undefined;
  /** Value in the configuration, as JSON; undefined: it is gone. */
  readonly now: string | undefined;
}

type Json = z.core.util.JSONType;

/** What differs between two trees, path by path in alphabetical order; empty when they mean the same. */
export function compareTrees(was: DiskTree, now: DiskTree): LayoutChange[] {
  return compare(was, now, "");
}

function compare(was: Json | undefined, now: Json | undefined, path: string): LayoutChange[] {
  const left = branches(was);
  const right = branches(now);
  if (left === undefined || right === undefined)
    return text(was) === text(now) ? [] : [{ path, was: text(was), now: text(now) }];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.flatMap((name) =>
    compare(left.get(name), right.get(name), path === "" ? name : `${path}.${name}`),
  );
}

/** Entries of an object, elements of a list; undefined for a leaf. */
function branches(value: Json | undefined): Map<string, Json> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return new Map(Object.entries(value));
}

function text(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : stableJson(value);
}

/** A change for people: `disk.main.device: "/dev/sda" → "/dev/sdb"`. */
export function describeChange({ path, was, now }: LayoutChange): string {
  if (was === undefined) return `${path}: new, ${now ?? "nothing"}`;
  if (now === undefined) return `${path}: removed, was ${was}`;
  return `${path}: ${was} → ${now}`;
}

const disksSchema = z.record(z.string(), z.looseObject({ device: z.string() }));

/** Devices a layout formats as a whole, as the configuration names them. */
export function layoutDevices(layout: DiskLayout | null): string[] {
  const disks = disksSchema.parse(layout?.tree["disk"] ?? {});
  return Object.values(disks).map(({ device }) => device);
}

/** Reads the record of an installed host; a string says why it cannot be read. */
export function parseDiskRecord(text: string): DiskRecord | string {
  return parseDocument(text, diskRecordSchema);
}

/** Text of the record. */
export function formatDiskRecord(layout: DiskLayout): string {
  return `${JSON.stringify({ version: 1, layout } satisfies DiskRecord)}\n`;
}

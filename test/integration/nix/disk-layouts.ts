/** Disk layouts in disko's words, made up: as they are, with harmless additions, and with one change that would lose data. */
import { fc } from "../../unit/property.ts";

export type Devices = Readonly<Record<string, unknown>>;
export interface Partition {
  readonly [option: string]: unknown;
  readonly size?: string;
  readonly content?: Content;
}
interface Content {
  readonly [option: string]: unknown;
  readonly type: string;
}
export interface Layout {
  readonly devices: Devices;
  /** The same, with options that touch no data. */
  readonly decorated: Devices;
  /** The same, with one change that does. */
  readonly damaged: Devices;
}

const filesystem = fc
  .constantFrom("ext4", "xfs", "vfat")
  .map((format): Content => ({ type: "filesystem", format, mountpoint: "/x" }));
const content = fc.oneof(
  filesystem,
  filesystem.map((inner): Content => ({ type: "luks", name: "secret", content: inner })),
  fc.constant<Content>({ type: "btrfs", subvolumes: { "/root": {} } }),
  fc.constant<Content>({ type: "swap" }),
  fc.constant<Content>({ type: "lvm_pv", vg: "pool" }),
  fc.constant<Content>({ type: "something_new", content: { type: "filesystem", format: "ext4" } }),
);
const partition = fc.record({
  size: fc.constantFrom("1M", "512M", "20G", "100%"),
  type: fc.constantFrom("EF00", "EF02", "8300"),
  priority: fc.integer({ min: 1, max: 9001 }),
  content,
});
const name = fc.constantFrom("boot", "ESP", "root", "data", "swap");
const partitions = fc.dictionary(name, partition, { minKeys: 1 });

const addition = fc.constantFrom<Record<string, unknown>>(
  { mountOptions: ["noatime"] },
  { subvolumes: { "/new": { mountpoint: "/new" } } },
  { swap: { file: { size: "1G" } } },
  { settings: { allowDiscards: true } },
  { keyFile: "/nix/store/abc-key" },
  { _create: "mkfs" },
  { anOptionToCome: [1, { a: null }] },
);

const withPartitions = (parts: Record<string, unknown>, more: object = {}): Devices => ({
  disk: { main: { device: "/dev/sda", content: { type: "gpt", partitions: parts }, ...more } },
});

const everywhere = (parts: Record<string, Partition>, added: object) =>
  Object.fromEntries(
    Object.entries(parts).map(([key, part]) => [
      key,
      { ...part, ...added, content: { ...part.content, ...added } },
    ]),
  );

const damages = [
  (part: Partition): Partition => ({ ...part, size: `${part.size === "7G" ? 8 : 7}G` }),
  (part: Partition): Partition => ({ ...part, start: "9M" }),
  (part: Partition): Partition => ({ ...part, type: part["type"] === "EF00" ? "8300" : "EF00" }),
  (part: Partition): Partition => ({ ...part, content: { type: "filesystem", format: "f2fs" } }),
  (part: Partition): Partition => ({ ...part, content: { type: "luks", content: part.content } }),
];

export const layouts: fc.Arbitrary<Layout> = fc
  .record({ parts: partitions, added: addition, which: fc.nat(), damage: fc.constantFrom(...damages) })
  .map(({ parts, added, which, damage }) => {
    const names = Object.keys(parts);
    const hit = names[which % names.length] ?? "";
    return {
      devices: withPartitions(parts),
      decorated: withPartitions(everywhere(parts, added), { imageSize: "9G", ...added }),
      damaged: withPartitions({ ...parts, [hit]: damage(parts[hit] ?? {}) }),
    };
  });

import path from "node:path";
import { describe, expect, test } from "vitest";
import { compareTrees, diskLayoutSchema } from "../../../model/protocol/disk-layout.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { must } from "../../harness/machines/must.ts";
import { fc } from "../../unit/property.ts";
import { type Devices, type Layout, layouts, type Partition } from "./disk-layouts.ts";

const normaliser = path.resolve(
  import.meta.dirname,
  "../../../runtime/nix/evaluation/wrapper/disk-layout.nix",
);

/** Normalises many layouts in one Nix process. */
async function normalise(devices: readonly Devices[]) {
  const expression = `map (import ${normaliser}) (builtins.fromJSON (builtins.getEnv "DEVICES"))`;
  const env = { ...nixEnvironment(), DEVICES: JSON.stringify(devices) };
  const json = await must("nix", nixArguments("eval", "--impure", "--json", "--expr", expression), { env });
  return diskLayoutSchema.nullable().array().parse(JSON.parse(json));
}

async function differences(was: Devices, now: Devices): Promise<string[]> {
  const [one, other] = await normalise([was, now]);
  if (!one || !other) throw new Error("a layout has no disk");
  const changes = compareTrees(one.tree, other.tree);
  expect(changes.length === 0).toBe(one.hash === other.hash);
  return changes.map(({ path: place }) => place);
}

const partitions = "disk.main.content.partitions";
const rootContent = { type: "filesystem", format: "ext4", mountpoint: "/", mountOptions: ["defaults"] };
const root: Partition = { size: "100%", priority: 9001, content: rootContent };
const disk = (parts: Record<string, unknown>, device = "/dev/sda"): Devices => ({
  disk: { main: { type: "disk", device, content: { type: "gpt", partitions: parts } } },
});

const everyKind: Devices = {
  disk: {
    a: {
      device: "/dev/a",
      content: {
        type: "table",
        format: "msdos",
        partitions: [
          {
            name: "r",
            "part-type": "primary",
            start: "1M",
            end: "100%",
            flags: ["esp"],
            content: { type: "mdraid", name: "md" },
          },
        ],
      },
    },
  },
  mdadm: {
    md: {
      level: 1,
      metadata: "1.0",
      extraArgs: ["--assume-clean"],
      content: { type: "lvm_pv", vg: "pool" },
    },
  },
  lvm_vg: {
    pool: {
      lvs: {
        thin: { size: "10G", lvm_type: "thin-pool" },
        root: { size: "100%FREE", pool: "thin", content: { type: "zfs", pool: "tank" } },
      },
    },
  },
  zpool: {
    tank: {
      mode: {
        topology: {
          type: "topology",
          vdev: [{ mode: "mirror", members: ["x", "y"] }],
          special: { mode: "", members: ["z"] },
          cache: ["c"],
        },
      },
    },
  },
};

const everyKindDescribed = {
  disk: {
    a: {
      device: "/dev/a",
      content: {
        kind: "table",
        format: "msdos",
        partitions: [{ type: "EF00", start: "1M", end: "100%", content: { kind: "mdraid", array: "md" } }],
      },
    },
  },
  mdadm: { md: { level: "1", metadata: "1.0", content: { kind: "lvm_pv", vg: "pool" } } },
  lvm_vg: {
    pool: {
      thin: { size: "10G", type: "thin-pool" },
      root: { size: "100%FREE", pool: "thin", content: { kind: "zfs", pool: "tank" } },
    },
  },
  zpool: {
    tank: { vdev: [{ mode: "mirror", members: ["x", "y"] }], special: { members: ["z"] }, cache: ["c"] },
  },
};

describe("what a change of the layout means", () => {
  test.each<[string, Devices, string[]]>([
    ["another device", disk({ root }, "/dev/sdb"), ["disk.main.device"]],
    [
      "another file system",
      disk({ root: { ...root, content: { type: "filesystem", format: "xfs" } } }),
      [`${partitions}.root.content.format`],
    ],
    ["another size", disk({ root: { ...root, size: "20G" } }), [`${partitions}.root.size`]],
    ["another start", disk({ root: { ...root, start: "1M" } }), [`${partitions}.root.start`]],
    ["another end", disk({ root: { ...root, end: "-1G" } }), [`${partitions}.root.end`]],
    [
      "encryption",
      disk({ root: { ...root, content: { type: "luks", content: root.content } } }),
      [
        `${partitions}.root.content.content`,
        `${partitions}.root.content.format`,
        `${partitions}.root.content.kind`,
      ],
    ],
    [
      "a partition before it",
      disk({ swap: { size: "1G", content: { type: "swap" } }, root }),
      [`${partitions}.root.position`, `${partitions}.swap`],
    ],
    ["a renamed partition", disk({ system: root }), [`${partitions}.root`, `${partitions}.system`]],
    ["an ESP made of it", disk({ root: { ...root, type: "EF00" } }), [`${partitions}.root.type`]],
    ["RAID below it", { ...disk({ root }), mdadm: { md: { type: "mdadm", level: 1 } } }, ["mdadm"]],
  ])("%s is a difference", async (_name, now, paths) => {
    expect(await differences(disk({ root }), now)).toEqual(paths);
  });

  test.each<[string, Partial<Partition>]>([
    ["mount options", { content: { ...rootContent, mountOptions: ["noatime", "discard"] } }],
    ["the mount point", { content: { ...rootContent, mountpoint: "/data" } }],
    ["arguments of mkfs", { content: { ...rootContent, extraArgs: ["-L", "root"] } }],
    ["a default of disko's, written out", { start: "0", end: "-0", type: "8300" }],
    ["Linux' other partition types", { type: "8304" }],
    ["priorities in the same order", { priority: 1 }],
    [
      "options of a disko to come",
      { label: "disk-main-root", attributes: [], uuid: null, hybrid: null, novelty: { a: 1 } },
    ],
    ["what disko computes", { device: "/nix/store/x-device", _create: "mkfs /nix/store/x" }],
  ])("%s: no difference", async (_name, changes) => {
    expect(await differences(disk({ root }), disk({ root: { ...root, ...changes } }))).toEqual([]);
  });

  test("subvolumes, swap files and datasets may come and go", async () => {
    const btrfs = (subvolumes: object): Devices =>
      disk({
        root: { ...root, content: { type: "btrfs", extraArgs: ["-f", "-d raid1 /dev/sdb1"], subvolumes } },
      });
    const more = { "/root": { mountpoint: "/" }, "/swap": { swap: { file: { size: "4G" } } } };
    expect(await differences(btrfs({}), btrfs(more))).toEqual([]);
    const zfs = (datasets: object): Devices => ({
      ...disk({ root: { ...root, content: { type: "zfs", pool: "tank" } } }),
      zpool: { tank: { type: "zpool", mode: "", options: { ashift: "12" }, datasets } },
    });
    expect(await differences(zfs({}), zfs({ data: { type: "zfs_fs", mountpoint: "/data" } }))).toEqual([]);
    const [layout] = await normalise([btrfs({})]);
    expect(JSON.stringify(layout?.tree)).toContain('"members":["/dev/sdb1"]');
  });

  test("kernel file systems without a disk, and a configuration without disks, have no layout", async () => {
    const nodev = { "/tmp": { fsType: "tmpfs" } };
    expect(await normalise([{}, { nodev }, { disk: {} }])).toEqual([null, null, null]);
    expect(await differences(disk({ root }), { ...disk({ root }), nodev })).toEqual([]);
  });

  test("arrays, volume groups, pools and old tables are described by what holds data", async () => {
    const [layout] = await normalise([everyKind]);
    expect(layout?.tree).toEqual(everyKindDescribed);
  });
});

describe("any layout", () => {
  const batch = 60;
  const samples = (): Layout[] => fc.sample(layouts, batch);

  test("harmless additions anywhere in it are no difference", async () => {
    const given = samples();
    const all = await normalise(given.flatMap(({ devices, decorated }) => [devices, decorated]));
    for (let index = 0; index < batch; index++) expect(all[2 * index + 1]).toEqual(all[2 * index]);
  });

  test("a change of anything that holds data is one", async () => {
    const given = samples();
    const all = await normalise(given.flatMap(({ devices, damaged }) => [devices, damaged]));
    for (let index = 0; index < batch; index++) {
      const [was, now] = [all[2 * index], all[2 * index + 1]];
      expect(now?.hash, JSON.stringify(given[index])).not.toBe(was?.hash);
      expect(compareTrees(was?.tree ?? {}, now?.tree ?? {})).not.toEqual([]);
    }
  });
});

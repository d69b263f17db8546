import { describe, expect, test } from "vitest";
import {
  compareTrees,
  type DiskTree,
  describeChange,
  formatDiskRecord,
  parseDiskRecord,
} from "../../../../model/protocol/disk-layout.ts";
import { fc } from "../../property.ts";

const tree = (): DiskTree => ({
  disk: {
    main: {
      device: "/dev/sda",
      content: {
        kind: "gpt",
        partitions: { root: { position: 1, size: "100%", content: { kind: "filesystem", format: "ext4" } } },
      },
    },
  },
});

describe("comparison", () => {
  const told = (was: DiskTree, now: DiskTree) => compareTrees(was, now).map(describeChange);
  test("names each difference by its path, with both values", () => {
    const now: DiskTree = {
      disk: {
        main: {
          device: "/dev/sdb",
          content: {
            kind: "gpt",
            partitions: { root: { position: 1, size: "100%" }, swap: { position: 2 } },
          },
        },
      },
    };
    expect(told(tree(), now)).toEqual([
      'disk.main.content.partitions.root.content: removed, was {"format":"ext4","kind":"filesystem"}',
      'disk.main.content.partitions.swap: new, {"position":2}',
      'disk.main.device: "/dev/sda" → "/dev/sdb"',
    ]);
  });
  test("a value of another kind is one difference", () => {
    expect(told({ zpool: { a: { mode: "mirror" } } }, { zpool: { a: { mode: { vdev: [] } } } })).toEqual([
      'zpool.a.mode: "mirror" → {"vdev":[]}',
    ]);
    expect(told({ zpool: null }, { zpool: 1 })).toEqual(["zpool: null → 1"]);
  });
  test("members of a list have numbers", () => {
    expect(told({ a: ["x", "y"] }, { a: ["x"] })).toEqual(['a.1: removed, was "y"']);
  });

  const json = fc.letrec<{ value: DiskTree[string] }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((name) => name !== "__proto__"),
        tie("value"),
        { maxKeys: 3 },
      ),
    ),
  })).value;
  const trees = fc.dictionary(fc.constantFrom("disk", "mdadm", "zpool"), json);
  const shuffled = (value: DiskTree[string]): DiskTree[string] => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, inner]) => [name, shuffled(inner)]),
    );
  };
  test("the order of keys means nothing", () => {
    fc.assert(
      fc.property(trees, (one) => {
        expect(told(one, shuffled(one) as DiskTree)).toEqual([]);
      }),
    );
  });
  test("different trees differ, and the same way in both directions", () => {
    fc.assert(
      fc.property(trees, trees, (one, other) => {
        const changes = compareTrees(one, other);
        // `{}` beside `[]` has no value in which it differs.
        const same = JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
        expect(changes.length === 0).toBe(same);
        const back = compareTrees(other, one).map(({ path, was, now }) => ({ path, was: now, now: was }));
        expect(back).toEqual(changes);
      }),
    );
  });
  /** Lists as objects with numbers for keys, keys sorted. */
  const canonical = (value: DiskTree[string]): DiskTree[string] => {
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, inner]) => [name, canonical(inner)]),
    );
  };
});

describe("record", () => {
  const layout = { hash: "a".repeat(64), tree: tree() };
  test("is read as it was written", () => {
    expect(parseDiskRecord(formatDiskRecord(layout))).toEqual({ version: 1, layout });
    expect(formatDiskRecord(layout)).toMatch(/^[^\n]+\n$/);
  });
  test.each([
    ["{", "it is not valid JSON"],
    ["[]", "expected object"],
    [JSON.stringify({ version: 2, layout }), "version"],
    [JSON.stringify({ version: 1, layout: { ...layout, hash: "x" } }), "layout.hash"],
    [JSON.stringify({ version: 1, layout, more: 1 }), "Unrecognized key"],
  ])("%s is not understood", (text, why) => {
    expect(parseDiskRecord(text)).toEqual(expect.stringContaining(why));
  });
});

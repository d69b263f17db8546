import { describe, expect, it } from "vitest";
import type { SystemComparison } from "../../../../model/system-diff/comparison.ts";
import { describeComparison } from "../../../../model/system-diff/format.ts";

const comparison: SystemComparison = {
  before: `/nix/store/${"a".repeat(32)}-nixos-system-web-26.05`,
  after: `/nix/store/${"b".repeat(32)}-nixos-system-web-26.05`,
  packages: [
    { name: "jq", before: [], after: ["1.7"] },
    { name: "openssl", before: ["3.0.14"], after: ["3.0.15"] },
    { name: "vim", before: ["9.1"], after: [] },
  ],
  rebuilt: 41,
  appearing: [],
  unbuilt: null,
  built: { files: { added: 3, removed: 0 }, size: { after: 1.5 * 1024 ** 3, difference: 8 * 1024 ** 2 } },
  activation: {
    units: {
      stop: ["a.service"],
      restart: ["b.service", "c.service"],
      reload: [],
      start: [],
      keep: ["d.service"],
    },
    reboot: ["initrd", "kernel"],
  },
};
const described = (of: SystemComparison) => {
  const { head, body } = describeComparison(of);
  return `${head}${body}`;
};
const head = "nixos-system-web-26.05 (aaaaaaa) → nixos-system-web-26.05 (bbbbbbb)";

describe("describeComparison", () => {
  it("is aligned, and says everything there is to say", () => {
    expect(described(comparison)).toBe(
      [
        head,
        "  packages  jq       new, 1.7",
        "            openssl  3.0.14 → 3.0.15",
        "            vim      removed, was 9.1",
        "  rebuilt   41 paths of packages whose version stays",
        "  files     3 new",
        "  size      1.5 GiB, 8 MiB more",
        "  units     stop a.service",
        "            restart b.service, c.service",
        "            keep, though changed: d.service",
        "  reboot    needed for initrd, kernel",
      ].join("\n"),
    );
  });

  it("says what evaluation alone does not know", () => {
    const evaluated = {
      ...comparison,
      packages: [],
      rebuilt: 1,
      built: null,
      unbuilt: "nothing was built",
      activation: null,
    };
    const appearing = [{ name: "htop", before: [], after: ["3.3"] }];
    expect(described({ ...evaluated, appearing })).toBe(
      [
        head,
        "  packages  none changes its version",
        "  appear    htop 3.3, to run or only to build",
        "  rebuilt   1 path of packages whose version stays",
        "  unknown   size, units, reboot: nothing was built",
      ].join("\n"),
    );
  });

  it("is short where nothing of note happens", () => {
    const quiet: SystemComparison = {
      ...comparison,
      packages: [],
      rebuilt: 0,
      built: { files: { added: 0, removed: 0 }, size: { after: 980, difference: 0 } },
      activation: { units: { stop: [], restart: [], reload: [], start: [], keep: [] }, reboot: [] },
    };
    expect(described(quiet).split("\n").slice(1)).toEqual([
      "  packages  none changes its version",
      "  size      980 B, as before",
      "  units     none is touched",
      "  reboot    not needed",
    ]);
  });

  it("cuts long lists, and counts what it leaves out", () => {
    const packages = Array.from({ length: 30 }, (_, index) => ({
      name: `p${index + 10}`,
      before: ["1"],
      after: ["2"],
    }));
    const lines = described({ ...comparison, packages }).split("\n");
    expect(lines.filter((line) => line.includes("1 → 2"))).toHaveLength(24);
    expect(lines).toContain("            and 6 more");
  });

  it("says less in place of more", () => {
    const smaller = {
      ...comparison,
      built: { files: { added: 0, removed: 2 }, size: { after: 2048, difference: -512 } },
    };
    expect(described(smaller)).toContain("  files     2 removed\n  size      2 KiB, 512 B less");
  });
});

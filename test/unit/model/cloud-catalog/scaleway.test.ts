import { describe, expect, it } from "vitest";
import type { ScalewayChoice } from "../../../../model/cloud-catalog/choice.ts";
import { type ScalewayCatalog, validateScalewayChoice } from "../../../../model/cloud-catalog/scaleway.ts";

const offers: ScalewayCatalog = {
  types: [
    { name: "DEV1-M", arch: "x86_64", ended: false },
    { name: "DEV1-L", arch: "x86_64", ended: false },
    { name: "START1-M", arch: "x86_64", ended: true },
    { name: "BASIC2-A2C-4G", arch: "arm64", ended: false },
  ],
  images: new Map([
    ["debian_bookworm", ["DEV1-M", "DEV1-L", "BASIC2-A2C-4G"]],
    ["ubuntu_noble", ["DEV1-M"]],
  ]),
};

const choice = (changes: Partial<ScalewayChoice> = {}): ScalewayChoice => ({
  provider: "scaleway",
  zones: ["fr-par-1"],
  instanceType: "DEV1-M",
  image: "debian_bookworm",
  ...changes,
});
const wrong = (changes: Partial<ScalewayChoice>, before?: Partial<ScalewayChoice>) =>
  validateScalewayChoice(
    choice(changes),
    "fr-par-1",
    offers,
    before === undefined ? undefined : choice(before),
  ).map(({ setting, reason }) => `${setting}: ${reason}`);

describe("what Scaleway does not offer", () => {
  it.each([
    [{}, []],
    [{ instanceType: "BASIC2-A2C-4G" }, []],
    [
      { instanceType: "DEV1-N" },
      ['instanceType: Scaleway has no instance type "DEV1-N" in fr-par-1; did you mean "DEV1-M"?'],
    ],
    [
      { instanceType: "START1-M" },
      [
        'instanceType: Scaleway has stopped offering "START1-M" in fr-par-1; valid values: BASIC2-A2C-4G, DEV1-L, DEV1-M',
      ],
    ],
    [
      { instanceType: "BASIC2-A2C-4G", image: "ubuntu_noble" },
      [
        'image: Scaleway\'s "ubuntu-24.04" does not boot on "BASIC2-A2C-4G" (arm64) in fr-par-1; it does on DEV1-M',
      ],
    ],
    [{ image: "debian_trixie" }, ['image: Scaleway has no image "debian-13" for block volumes in fr-par-1']],
  ])("%j", (changes, reasons) => {
    expect(wrong(changes)).toEqual(reasons);
  });

  it("lets the image of an instance alone that is there already, unless another zone makes another one", () => {
    expect(wrong({ image: "debian_trixie", instanceType: "DEV1-L" }, {})).toEqual([]);
    expect(wrong({ image: "debian_trixie" }, { zones: ["fr-par-2"] })).toHaveLength(1);
  });

  it("refuses another architecture for an instance that keeps its disk", () => {
    expect(wrong({ instanceType: "BASIC2-A2C-4G" }, {})).toEqual([
      'instanceType: "BASIC2-A2C-4G" is arm64, and the instance is a "DEV1-M", which is x86_64: what is on its disk would not run',
    ]);
    expect(wrong({ instanceType: "BASIC2-A2C-4G" }, { zones: ["fr-par-2"] })).toEqual([]);
    expect(wrong({ instanceType: "DEV1-L" }, { instanceType: "GONE-1" })).toEqual([]);
  });
});

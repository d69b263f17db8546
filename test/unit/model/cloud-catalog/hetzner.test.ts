import { describe, expect, it } from "vitest";
import type { HetznerChoice } from "../../../../model/cloud-catalog/choice.ts";
import { type HetznerCatalog, validateHetznerChoice } from "../../../../model/cloud-catalog/hetzner.ts";

const offers: HetznerCatalog = {
  locations: ["ash", "hel1", "nbg1"],
  types: [
    { name: "cx23", architecture: "x86", locations: ["hel1", "nbg1"] },
    { name: "cx33", architecture: "x86", locations: ["hel1", "nbg1"] },
    { name: "cpx11", architecture: "x86", locations: ["ash"] },
    { name: "cx11", architecture: "x86", locations: [] },
    { name: "cax11", architecture: "arm", locations: ["hel1"] },
  ],
  images: [
    { name: "debian-12", architecture: "x86" },
    { name: "debian-12", architecture: "arm" },
    { name: "ubuntu-24.04", architecture: "x86" },
  ],
};

const choice = (changes: Partial<HetznerChoice> = {}): HetznerChoice => ({
  provider: "hetzner",
  locations: ["nbg1"],
  serverType: "cx23",
  image: "debian-12",
  ...changes,
});
const wrong = (changes: Partial<HetznerChoice>, before?: Partial<HetznerChoice>) =>
  validateHetznerChoice(choice(changes), offers, before === undefined ? undefined : choice(before)).map(
    ({ setting, reason }) => `${setting}: ${reason}`,
  );

describe("what Hetzner does not offer", () => {
  it("finds nothing wrong with what there is", () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ serverType: "cax11", locations: ["hel1"] })).toEqual([]);
  });

  it.each([
    [{ locations: ["nbg2"] }, ['location: Hetzner has no location "nbg2"; did you mean "nbg1"?']],
    [{ serverType: "cx22" }, ['serverType: Hetzner has no server type "cx22"; did you mean "cx23"?']],
    [
      { serverType: "zz999" },
      ['serverType: Hetzner has no server type "zz999"; valid values: cax11, cpx11, cx23, cx33'],
    ],
    [{ serverType: "cx11" }, ['serverType: Hetzner has stopped offering "cx11"']],
    [
      { locations: ["ash"] },
      ['serverType: "cx23" is not offered in ash, but in hel1 and nbg1; of x86, ash has cpx11'],
    ],
    [{ serverType: "cax11", locations: ["ash"] }, ['serverType: "cax11" is not offered in ash, but in hel1']],
    [
      { serverType: "cax11", locations: ["hel1"], image: "ubuntu-24.04" },
      ['image: Hetzner has "ubuntu-24.04" for x86 only, and "cax11" is arm; valid values: debian-12'],
    ],
    [{ image: "debian-21" }, ['image: Hetzner has no image "debian-21"; did you mean "debian-12"?']],
    [
      { locations: ["moon"], serverType: "cax12", image: "debian-99" },
      [
        'location: Hetzner has no location "moon"; valid values: ash, hel1, nbg1',
        'serverType: Hetzner has no server type "cax12"; did you mean "cax11"?',
      ],
    ],
  ])("%j", (changes, reasons) => {
    expect(wrong(changes)).toEqual(reasons);
  });

  it("looks at every place where the server may stand", () => {
    expect(wrong({ locations: ["nbg1", "moon", "ash"] })).toEqual([
      'locations: Hetzner has no location "moon"; valid values: ash, hel1, nbg1',
      'serverType: "cx23" is not offered in ash, but in hel1 and nbg1; of x86, ash has cpx11',
    ]);
    expect(wrong({ locations: ["nbg1", "hel1"], image: "gone-1" }, { locations: ["hel1"] })).toEqual([]);
  });

  it("lets the image of a server alone that is there already", () => {
    expect(wrong({ image: "gone-1", serverType: "cx33" }, {})).toEqual([]);
    expect(wrong({ image: "gone-1", locations: ["hel1"] }, {})).toHaveLength(1);
  });

  it("refuses another architecture for a server that keeps its disk", () => {
    expect(wrong({ serverType: "cax11", locations: ["hel1"] }, { locations: ["hel1"] })).toEqual([
      'serverType: "cax11" is arm, and the server is a "cx23", which is x86: what is on its disk would not run',
    ]);
    // In another place it becomes another server.
    expect(wrong({ serverType: "cax11", locations: ["hel1"] }, {})).toEqual([]);
    // Of a type that is gone nobody can tell.
    expect(wrong({ serverType: "cx33" }, { serverType: "cx22" })).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { diffDerivations } from "../../../../model/system-diff/derivation-diff.ts";
import { fc } from "../../property.ts";
import { storePath } from "../closure-diff/paths.ts";

const running = (...names: string[]) => new Map(names.map((name) => [storePath(name), 1] as const));
const buildable = (...names: string[]) => new Set(names.map((name) => storePath(name)));

describe("diffDerivations", () => {
  it("tells versions that change, and packages that nothing is made from any more", () => {
    const found = diffDerivations(running("jq-1.6", "vim-9.1", "etc"), buildable("jq-1.7", "gcc-14.2"));
    expect(found).toEqual({
      packages: [
        { name: "jq", before: ["1.6"], after: ["1.7"] },
        { name: "vim", before: ["9.1"], after: [] },
      ],
      rebuilt: 0,
      appearing: [],
    });
  });

  it("counts what keeps its version and is built anew", () => {
    const anew = new Set([storePath("jq-1.6", "2")]);
    expect(diffDerivations(running("jq-1.6"), anew)).toMatchObject({ packages: [], rebuilt: 1 });
  });

  it("names what the build needs for the first time, if the former build is known", () => {
    const before = running("jq-1.6");
    const wanted = buildable("jq-1.6", "gcc-14.2", "htop-3.3");
    expect(diffDerivations(before, wanted, buildable("jq-1.6", "gcc-14.1")).appearing).toEqual([
      { name: "htop", before: [], after: ["3.3"] },
    ]);
    expect(diffDerivations(before, wanted).appearing).toEqual([]);
  });

  it("says nothing of a system that is built from what it runs", () => {
    const names = fc.uniqueArray(fc.constantFrom("a-1", "a-2", "b-1", "etc", "c-1-dev"));
    fc.assert(
      fc.property(names, names, (some, more) => {
        const found = diffDerivations(
          running(...some),
          buildable(...some, ...more),
          buildable(...some, ...more),
        );
        expect(found).toEqual({ packages: [], rebuilt: 0, appearing: [] });
      }),
    );
  });
});

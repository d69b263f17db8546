import { describe, expect, it } from "vitest";
import { type Closure, diffClosures } from "../../../../model/system-diff/closure-diff.ts";
import { fc } from "../../property.ts";
import { storePath } from "../closure-diff/paths.ts";

const closure = (...entries: [string, number | null][]): Closure => new Map(entries);

describe("diffClosures", () => {
  it("tells packages that are new, gone, or of another version", () => {
    const before = closure([storePath("jq-1.6"), 10], [storePath("vim-9.1"), 20], [storePath("etc"), 1]);
    const after = closure([storePath("jq-1.7"), 15], [storePath("git-2.4"), 5], [storePath("etc"), 1]);
    expect(diffClosures(before, after)).toEqual({
      packages: [
        { name: "git", before: [], after: ["2.4"] },
        { name: "jq", before: ["1.6"], after: ["1.7"] },
        { name: "vim", before: ["9.1"], after: [] },
      ],
      rebuilt: 0,
      files: { added: 0, removed: 0 },
      size: { after: 21, difference: -10 },
    });
  });

  it("counts what was only built anew, and files of the configuration", () => {
    const before = closure([storePath("jq-1.6"), 1], [storePath("etc"), 1], [storePath("a.conf"), 1]);
    const after = closure([storePath("jq-1.6", "2"), 1], [storePath("etc", "2"), 1]);
    expect(diffClosures(before, after)).toMatchObject({
      packages: [],
      rebuilt: 1,
      files: { added: 1, removed: 2 },
    });
  });

  it("keeps versions of a package that are there side by side apart, oldest first", () => {
    const before = closure([storePath("python-3.12"), 1], [storePath("python-3.9"), 1]);
    const after = closure([storePath("python-3.12"), 1]);
    expect(diffClosures(before, after).packages).toEqual([
      { name: "python", before: ["3.9", "3.12"], after: ["3.12"] },
    ]);
  });

  it("takes outputs of one version for one package", () => {
    const before = closure([storePath("curl-8.1"), 1], [storePath("curl-8.1-bin"), 1]);
    expect(diffClosures(before, closure([storePath("curl-8.1"), 1])).packages).toEqual([]);
  });

  it("knows no size of what nobody has built", () => {
    expect(diffClosures(closure([storePath("a-1"), 1]), closure([storePath("a-2"), null])).size).toBeNull();
  });

  const path = fc
    .tuple(
      fc.constantFrom("a", "b", "c-d"),
      fc.constantFrom("", "-1.0", "-2.0", "-2.0-dev"),
      fc.constantFrom("1", "2"),
    )
    .map(([name, version, build]) => storePath(`${name}${version}`, build));
  const closures = fc.array(fc.tuple(path, fc.nat(1000))).map((entries): Closure => new Map(entries));

  it("of a closure with itself is empty", () => {
    fc.assert(
      fc.property(closures, (one) => {
        const { packages, rebuilt, files, size } = diffClosures(one, one);
        expect({ packages, rebuilt, files }).toEqual({
          packages: [],
          rebuilt: 0,
          files: { added: 0, removed: 0 },
        });
        expect(size?.difference).toBe(0);
      }),
    );
  });

  it("turned round says the opposite", () => {
    fc.assert(
      fc.property(closures, closures, (one, other) => {
        const there = diffClosures(one, other);
        const back = diffClosures(other, one);
        expect(back.packages).toEqual(
          there.packages.map((change) => ({ ...change, before: change.after, after: change.before })),
        );
        expect(back.files).toEqual({ added: there.files.removed, removed: there.files.added });
        expect((back.size?.difference ?? 0) + (there.size?.difference ?? 0)).toBe(0);
      }),
    );
  });

  it("names a package exactly when its versions differ", () => {
    const versions = (one: Closure, name: string) =>
      [...one.keys()]
        .filter((path) => new RegExp(`^.{43}-?${name}-[0-9]`).test(path))
        .map((path) => (path.includes("-1.0") ? "1.0" : "2.0"));
    fc.assert(
      fc.property(closures, closures, (one, other) => {
        const named = new Set(diffClosures(one, other).packages.map(({ name }) => name));
        for (const name of ["a", "b", "c-d"]) {
          const differs =
            JSON.stringify([...new Set(versions(one, name))].sort()) !==
            JSON.stringify([...new Set(versions(other, name))].sort());
          expect(named.has(name), name).toBe(differs);
        }
      }),
    );
  });
});

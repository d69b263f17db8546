import { describe, expect, it } from "vitest";
import { selectorsOf } from "../../../../model/config/hosts/rollout-selectors.ts";
import { rolloutSchema } from "../../../../model/config/settings/rollout.ts";
import { planRollout } from "../../../../model/inventory/waves.ts";
import { fc } from "../../property.ts";

const fleet = [
  { name: "a1", tags: ["eu", "web"] },
  { name: "a2", tags: ["eu"] },
  { name: "b1", tags: ["us", "web"] },
  { name: "b2", tags: [] },
];

const plan = (settings: unknown) => planRollout(rolloutSchema.parse(settings), fleet);

describe("planRollout", () => {
  it("deploys everything together where nothing is said, with a minute for soaks that there are not", () => {
    expect(plan(undefined)).toEqual({
      waves: [{ name: "rest", hosts: ["a1", "a2", "b1", "b2"] }],
      maxParallel: null,
      soakSeconds: 60,
    });
  });

  it("puts canaries first, then the waves in their order, then the rest", () => {
    expect(plan({ canary: ["b2"], waves: ["@us", ["a2", "a1"]], maxParallel: 3, soak: 5 })).toEqual({
      waves: [
        { name: "canary", hosts: ["b2"] },
        { name: "wave-1", hosts: ["b1"] },
        { name: "wave-2", hosts: ["a1", "a2"] },
      ],
      maxParallel: 3,
      soakSeconds: 5,
    });
  });

  it("leaves a host in the first wave that names it", () => {
    expect(plan({ canary: ["a1"], waves: ["@eu", "@web"] }).waves).toEqual([
      { name: "canary", hosts: ["a1"] },
      { name: "wave-1", hosts: ["a2"] },
      { name: "wave-2", hosts: ["b1"] },
      { name: "rest", hosts: ["b2"] },
    ]);
  });

  it("leaves out a wave whose hosts all come earlier, and the others keep their names", () => {
    expect(plan({ canary: ["@eu"], waves: ["@eu", "@us"] }).waves.map(({ name }) => name)).toEqual([
      "canary",
      "wave-2",
      "rest",
    ]);
  });

  it("puts every host into exactly one wave, none of them empty, the canaries into the first", () => {
    const tag = fc.constantFrom("x", "y", "z");
    const host = fc.record({
      name: fc.constantFrom(..."abcdefgh"),
      tags: fc.uniqueArray(tag, { maxLength: 3 }),
    });
    const hosts = fc.uniqueArray(host, { minLength: 1, selector: ({ name }) => name });
    const selector = fc.oneof(
      fc.constantFrom(..."abcdefgh"),
      tag.map((name) => `@${name}`),
    );
    const selectors = fc.array(selector, { minLength: 1, maxLength: 4 });
    const settings = fc.record(
      { canary: selectors, waves: fc.array(fc.oneof(selector, selectors), { maxLength: 4 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(hosts, settings, (all, chosen) => {
        const { waves } = planRollout(rolloutSchema.parse(chosen), all);
        expect(waves.flatMap((wave) => wave.hosts).sort()).toEqual(all.map(({ name }) => name).sort());
        for (const wave of waves) expect(wave.hosts.length).toBeGreaterThan(0);
        expect(new Set(waves.map(({ name }) => name)).size).toBe(waves.length);
        const canaries = all.filter(({ name, tags }) =>
          chosen.canary?.some((one) => one === name || tags.some((tag) => one === `@${tag}`)),
        );
        expect(waves.find(({ name }) => name === "canary")?.hosts ?? []).toEqual(
          canaries.map(({ name }) => name),
        );
        if (canaries.length > 0) expect(waves[0]?.name).toBe("canary");
      }),
    );
  });
});

describe("selectorsOf", () => {
  it("gives every selector the path people look for it at", () => {
    const config = rolloutSchema.parse({ canary: ["a"], waves: ["@b", ["c", "@d"]] });
    expect(selectorsOf(config)).toEqual([
      { path: "fleet:rollout.canary[0]", selector: "a" },
      { path: "fleet:rollout.waves[0]", selector: "@b" },
      { path: "fleet:rollout.waves[1][0]", selector: "c" },
      { path: "fleet:rollout.waves[1][1]", selector: "@d" },
    ]);
  });
});

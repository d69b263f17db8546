import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { codeOf, hostsFolder, nixFiles, sourceOf } from "./nix-source.ts";

const files = nixFiles(hostsFolder).map((file) => ({ file, name: path.relative(hostsFolder, file) }));
const hosts = files.filter(({ name }) => /^(?!modules)[^/]+\/default\.nix$/.test(name));

/** Ways in which a part of the repository that a host does not use would get into its system. */
const leaks: readonly [what: string, pattern: RegExp][] = [
  ["self of the flake", /(?<![.\w])self\b(?!\s*=)|\binputs\.self\b/],
  ["a whole folder as a path", /(?<![\w.])\.{1,2}\/\.?(?=[\s;)\]}])/],
  ["a path made into a string of the whole source", /toString\s+\.{1,2}\//],
  [
    "the flake's source by an absolute name",
    /builtins\.(?:getFlake|currentTime|currentSystem|getEnv|fetch\w+)/,
  ],
];

describe("a comment cannot change a system", () => {
  test.each(files)("$name takes nothing of the repository as a whole", ({ file }) => {
    const code = codeOf(sourceOf(file));
    for (const [what, pattern] of leaks) expect(pattern.exec(code)?.[0], what).toBeUndefined();
  });

  test("the outputs of flake.nix do not even have `self`", () => {
    const outputs = /outputs =\s*\{([^}]*)\}/.exec(codeOf(sourceOf(path.join(hostsFolder, "flake.nix"))));
    expect(outputs?.[1]?.split(",").map((name) => name.trim())).toEqual([
      "nixpkgs",
      "disko",
      "sops-nix",
      "...",
    ]);
  });

  test.each([
    ["{ self, nixpkgs }: 1", "self of the flake"],
    ["{ x = self.rev; }", "self of the flake"],
    ["{ inherit self; }", "self of the flake"],
    ["x = inputs.self.rev;", "self of the flake"],
    ["root = ./.;", "a whole folder as a path"],
    ["root = ../.;", "a whole folder as a path"],
    ['x = "@{../.}";', "a whole folder as a path"],
    ["x = toString ./site;", "a path made into a string of the whole source"],
    ["x = builtins.getEnv name;", "the flake's source by an absolute name"],
  ])("the check sees %s", (code, what) => {
    const found = leaks
      .filter(([, pattern]) => pattern.test(codeOf(code.replaceAll("@{", "${"))))
      .map(([name]) => name);
    expect(found).toContain(what);
  });
});

describe("host files", () => {
  test("there are five, each with its disko.nix", () => {
    expect(hosts.map(({ name }) => name)).toEqual(
      ["db", "edge", "monitor", "office", "web"].map((name) => `${name}/default.nix`),
    );
  });

  test.each(hosts)("$name: at most 40 lines, disk decisions in disko.nix alone", ({ file }) => {
    const source = sourceOf(file);
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    expect(codeOf(source)).toContain("./disko.nix");
    expect(codeOf(source)).not.toMatch(/disko\.devices|fileSystems|boot\.loader/);
    const disko = codeOf(sourceOf(path.join(path.dirname(file), "disko.nix")));
    for (const decision of ["device", "esp", "root"]) expect(disko).toMatch(new RegExp(`\\b${decision} =`));
  });

  test.each(files)("$name: every path it names exists", ({ file }) => {
    for (const [, reference] of codeOf(sourceOf(file)).matchAll(/(?<![\w.+])(\.{1,2}\/[\w./-]+)/g)) {
      const target = path.join(path.dirname(file), reference ?? "");
      expect(existsSync(target), `${reference}`).toBe(true);
      const data = target.endsWith("/site") || target === path.join(hostsFolder, "facts");
      const imported = statSync(target).isDirectory() && !data;
      if (imported) expect(existsSync(path.join(target, "default.nix")), `${reference}`).toBe(true);
    }
  });
});

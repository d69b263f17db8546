import { execFileSync } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { page, pages, sections } from "./pages.ts";

/** What a commander program says about itself. */
interface Help {
  readonly verbs: readonly string[];
  /** Long options, `--help` left out. */
  readonly options: readonly string[];
}

function helpOf(program: readonly string[], ...verb: string[]): Help {
  const text = execFileSync(process.execPath, [...program, ...verb, "--help"], {
    cwd: packageRoot(),
    encoding: "utf8",
  });
  const [before = "", commands = ""] = text.split(/^Commands:$/m);
  const named = (block: string, pattern: RegExp) => [...block.matchAll(pattern)].map(([, name = ""]) => name);
  return {
    verbs: named(commands, /^ {2}([a-z]+)/gm).filter((name) => name !== "help"),
    options: named(before, /^ {2}(?:-\w, )?(--[a-z-]+)/gm).filter((name) => name !== "--help"),
  };
}

const fleet = [path.join("cli", "bin.mjs")];
const demo = ["--import", "tsx", path.join("test", "demo", "main.ts")];

/** Long options named in a text. */
function optionsIn(text: string): string[] {
  const inCode = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code).join("\n");
  return [...new Set([...inCode.matchAll(/(--[a-z-]+)/g)].map(([, name = ""]) => name))];
}

/** Verbs that pages give to a program, with the page that does. */
function uses(pattern: RegExp): { verb: string; where: string }[] {
  return pages().flatMap(({ path: where, text }) =>
    [...text.matchAll(pattern)].map(([, verb = ""]) => ({ verb, where })),
  );
}

describe("commands in the documentation", () => {
  let help: Help;
  const reference = page("docs/reference/cli.md");

  beforeAll(() => {
    help = helpOf(fleet);
  });

  it("are described, each in a section of its own", () => {
    expect(help.verbs.length).toBeGreaterThanOrEqual(4);
    const headings = [...sections(reference).keys()];
    expect(headings.slice(0, help.verbs.length).sort()).toEqual([...help.verbs].sort());
  });

  it("have the options they have", () => {
    const [intro = ""] = reference.text.split(/^## /m);
    expect(optionsIn(intro).sort()).toEqual([...help.options].sort());
    for (const verb of help.verbs)
      expect(optionsIn(sections(reference).get(verb) ?? "").sort(), verb).toEqual(
        [...helpOf(fleet, verb).options].sort(),
      );
  });

  it("exist wherever a page uses them", () => {
    const used = uses(/npx fleet (?:(?:--stack|--cwd|-s|-C) \S+ )*([a-z]+)/g);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter(({ verb }) => !help.verbs.includes(verb))).toEqual([]);
  });

  it("of the demo exist, and are all described", () => {
    const { verbs } = helpOf(demo);
    const used = uses(/npm run demo -- ([a-z]+)/g);
    expect(used.filter(({ verb }) => !verbs.includes(verb))).toEqual([]);
    const described = used.filter(({ where }) => where === reference.path).map(({ verb }) => verb);
    expect(described.sort()).toEqual([...verbs].sort());
  });

  it("of npm are scripts of package.json", () => {
    const text = execFileSync("npm", ["pkg", "get", "scripts"], { cwd: packageRoot(), encoding: "utf8" });
    const scripts: Record<string, string> = JSON.parse(text);
    const used = uses(/npm run ([a-z][a-z:-]*)/g);
    expect(used.filter(({ verb }) => !Object.hasOwn(scripts, verb))).toEqual([]);
  });
});

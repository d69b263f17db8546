import { execFileSync } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { page, pages, sections } from "./pages.ts";

/** What a commander program says about itself. */
interface Help {
  readonly commands: readonly string[];
  /** Long options, `--help` left out. */
  readonly options: readonly string[];
}

function helpOf(program: readonly string[], ...command: string[]): Help {
  const text = execFileSync(process.execPath, [...program, ...command, "--help"], {
    cwd: packageRoot(),
    encoding: "utf8",
  });
  const [before = "", listed = ""] = text.split(/^Commands:$/m);
  const named = (block: string, pattern: RegExp) => [...block.matchAll(pattern)].map(([, name = ""]) => name);
  return {
    commands: named(listed, /^ {2}([a-z]+)/gm).filter((name) => name !== "help"),
    options: named(before, /^ {2}(?:-\w, )?(--[a-z-]+)/gm).filter((name) => name !== "--help"),
  };
}

const fleet = [path.join("cli", "bin.mjs")];
const demo = ["--import", "tsx", path.join("test", "demo", "main.ts")];

/** Long options of a command of `fleet` and of those below it, each once. */
function optionsOf(command: string): string[] {
  const { commands: below, options } = helpOf(fleet, command);
  return [...new Set([...options, ...below.flatMap((word) => helpOf(fleet, command, word).options)])];
}

/** Long options named in a text. */
function optionsIn(text: string): string[] {
  const inCode = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code).join("\n");
  return [...new Set([...inCode.matchAll(/(--[a-z-]+)/g)].map(([, name = ""]) => name))];
}

/** Commands that pages give to a program, with the page that does. */
function uses(pattern: RegExp): { command: string; where: string }[] {
  return pages().flatMap(({ path: where, text }) =>
    [...text.matchAll(pattern)].map(([, command = ""]) => ({ command, where })),
  );
}

describe("commands in the documentation", () => {
  let help: Help;
  const reference = page("docs/reference/cli.md");

  beforeAll(() => {
    help = helpOf(fleet);
  });

  it("are described, each in a section of its own", () => {
    expect(help.commands.length).toBeGreaterThanOrEqual(4);
    const headings = [...sections(reference).keys()];
    expect(headings.slice(0, help.commands.length).sort()).toEqual([...help.commands].sort());
  });

  it("have the options they have", () => {
    const [intro = ""] = reference.text.split(/^## /m);
    expect(optionsIn(intro).sort()).toEqual([...help.options].sort());
    for (const command of help.commands)
      expect(optionsIn(sections(reference).get(command) ?? "").sort(), command).toEqual(
        optionsOf(command).sort(),
      );
  });

  it("exist wherever a page uses them", () => {
    const used = uses(/npx fleet (?:(?:--stack|--cwd|-s|-C) \S+ )*([a-z]+)/g);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter(({ command }) => !help.commands.includes(command))).toEqual([]);
  });

  it("of the demo exist, and are all described", () => {
    const { commands } = helpOf(demo);
    const used = uses(/npm run demo -- ([a-z]+)/g);
    expect(used.filter(({ command }) => !commands.includes(command))).toEqual([]);
    const described = used.filter(({ where }) => where === reference.path).map(({ command }) => command);
    expect(described.sort()).toEqual([...commands].sort());
  });

  it("of npm are scripts of package.json", () => {
    const text = execFileSync("npm", ["pkg", "get", "scripts"], { cwd: packageRoot(), encoding: "utf8" });
    const scripts: Record<string, string> = JSON.parse(text);
    const used = uses(/npm run ([a-z][a-z:-]*)/g);
    expect(used.filter(({ command }) => !Object.hasOwn(scripts, command))).toEqual([]);
  });
});

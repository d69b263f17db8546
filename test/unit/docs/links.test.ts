import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { anchors, links, type Page, pages, slugOf } from "./pages.ts";

/** What is wrong with the links of a page: files and headings that do not exist. */
function brokenLinks(given: Page, all: readonly Page[]): string[] {
  return links(given).flatMap(({ target, file, anchor }) => {
    if (!existsSync(path.join(packageRoot(), file))) return [`${given.path}: ${target}: there is no ${file}`];
    if (anchor === undefined) return [];
    const aimed = all.find((one) => one.path === file);
    if (aimed !== undefined && anchors(aimed).has(anchor)) return [];
    return [`${given.path}: ${target}: ${file} has no heading for #${anchor}`];
  });
}

describe("links between pages", () => {
  const all = pages();

  it("sees the pages and their links", () => {
    expect(all.map((one) => one.path)).toContain("README.md");
    expect(all.flatMap(links).length).toBeGreaterThan(40);
  });

  it("lead to files and headings that exist", () => {
    expect(all.flatMap((one) => brokenLinks(one, all))).toEqual([]);
  });

  it("are found broken when they are", () => {
    const text =
      "# Here\n[a](gone.md) [b](#there) [c](README.md#nowhere) [d](#here) [e](https://x.org/#y) `[f](g.md)`";
    const given = { path: "CONTRIBUTING.md", text };
    expect(brokenLinks(given, [given, ...all])).toEqual([
      "CONTRIBUTING.md: gone.md: there is no gone.md",
      "CONTRIBUTING.md: #there: CONTRIBUTING.md has no heading for #there",
      "CONTRIBUTING.md: README.md#nowhere: README.md has no heading for #nowhere",
    ]);
  });

  it("does not see headings and links in code", () => {
    const given = { path: "CONTRIBUTING.md", text: "```\n# Not a heading\n[a](gone.md)\n```\n" };
    expect(brokenLinks(given, [given])).toEqual([]);
    expect([...anchors(given)]).toEqual([]);
  });

  it.each([
    ["What it does, and what not yet", "what-it-does-and-what-not-yet"],
    ["hosts.\\<host\\>", "hostshost"],
    ["`fleet status` – [x](y.md)", "fleet-status--x"],
  ])("reads the heading %s as GitHub does", (heading, anchor) => {
    expect(slugOf(heading)).toBe(anchor);
  });

  it("numbers headings of the same name", () => {
    expect([...anchors({ path: "x.md", text: "# A\n## B\n## B\n" })]).toEqual(["a", "b", "b-1"]);
  });

  it("reaches every page of docs/ from the README", () => {
    const reached = new Set(["README.md"]);
    for (const name of reached) {
      const from = all.find((one) => one.path === name);
      const to = from === undefined ? [] : links(from).map(({ file }) => file);
      for (const file of to.flatMap((target) => pagesAt(target, all))) reached.add(file);
    }
    const docs = all.map((one) => one.path).filter((name) => name.startsWith("docs/"));
    expect(docs.filter((name) => !reached.has(name))).toEqual([]);
  });
});

/** A link to a folder shows its list of files on GitHub. */
function pagesAt(target: string, all: readonly Page[]): string[] {
  const folder = target.replace(/\/$/, "");
  return all.map((one) => one.path).filter((name) => name === target || path.posix.dirname(name) === folder);
}

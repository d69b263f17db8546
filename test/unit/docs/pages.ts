import path from "node:path";
import { sourceFiles } from "../project/source-files.ts";

/** One Markdown page of the repository. */
export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Word after the fence; empty where there is none. */
  readonly language: string;
  readonly code: string;
}

/** A row of a table, its cells without the outer bars. */
export type Row = readonly string[];

/** All pages of the repository. */
export function pages(): Page[] {
  return sourceFiles(".md");
}

/** One page. @throws Error if it does not exist */
export function page(file: string): Page {
  const found = pages().find(({ path: name }) => name === file);
  if (found === undefined) throw new Error(`there is no page ${file}`);
  return found;
}

/** Fenced code blocks, in order. */
export function codeBlocks({ path: name, text }: Page): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; code: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence === null) open?.code.push(line);
    else if (open === undefined) open = { line: index + 1, language: (fence[1] ?? "").trim(), code: [] };
    else {
      blocks.push({ page: name, line: open.line, language: open.language, code: open.code.join("\n") });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${name}:${open.line}: the code block does not end`);
  return blocks;
}

/** The page's text without its fenced code blocks. */
function prose({ text }: Page): string {
  return text.replaceAll(/^\s*```[\s\S]*?^\s*```\s*$/gm, "");
}

/** Rows of all tables of a text, headings left out: GitHub's tables, with `\|` for a bar in a cell. */
export function tableRows(text: string): Row[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const isRow = line.startsWith("|") && !/^\|[\s:|-]+$/.test(line);
    const isHead = /^\|[\s:|-]+$/.test(lines[index + 1] ?? "");
    if (!isRow || isHead) return [];
    const cells = line
      .replace(/^\|/, "")
      .replace(/\|\s*$/, "")
      .split(/(?<!\\)\|/);
    return [cells.map((cell) => cell.trim())];
  });
}

/** Sections of a page by their second-level heading: heading → text up to the next heading of that level or above. */
export function sections({ text }: Page): Map<string, string> {
  const parts = text.split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end).trim(), part.slice(end + 1)];
    }),
  );
}

/** Anchors GitHub makes of a page's headings. */
export function anchors(given: Page): Set<string> {
  const seen = new Map<string, number>();
  const found = prose(given).matchAll(/^#{1,6} +(.+?) *$/gm);
  return new Set(
    [...found].map(([, heading = ""]) => {
      const slug = slugOf(heading);
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

/** `What it does, and what not yet` → `what-it-does-and-what-not-yet` */
export function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** A link to a file of the repository or to a heading. */
export interface Link {
  readonly target: string;
  /** Relative to the repository; the page itself for a bare `#anchor`. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Links of a page that point into the repository; code is left out. */
export function links(given: Page): Link[] {
  const text = prose(given).replaceAll(/`[^`\n]*`/g, (code) => "x".repeat(code.length));
  const found = text.matchAll(/\[[^\]]*\]\(([^()\s]+)\)/g);
  return [...found].flatMap(([, target = ""]) => {
    if (/^[a-z][a-z0-9+.-]*:/.test(target)) return [];
    const [file = "", anchor] = target.split("#");
    const folder = path.posix.dirname(given.path);
    return [{ target, file: file === "" ? given.path : path.posix.join(folder, file), anchor }];
  });
}

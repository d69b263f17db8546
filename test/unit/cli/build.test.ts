import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

/** A repository of two files with the real bundler. */
let root: string;
/** Sources are older than the start of the bundler, as people's are. */
const past = new Date(Date.now() - 60_000);

function write(name: string, text: string, changed = past): void {
  const file = path.join(root, name);
  writeFileSync(file, text);
  utimesSync(file, changed, changed);
}

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), "bundled-"));
  for (const folder of ["cli", "mine"]) await mkdir(path.join(root, folder));
  cpSync(path.join(packageRoot(), "cli", "build.mjs"), path.join(root, "cli", "build.mjs"));
  symlinkSync(path.join(packageRoot(), "node_modules"), path.join(root, "node_modules"));
  write("package.json", '{"type":"module"}');
  write("index.ts", 'import { word } from "./mine/word.ts";\nconsole.log(word satisfies string);\n');
  write("mine/word.ts", 'export const word: string = "one";\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What the program says, loaded as `program.mjs` loads it. */
async function start(): Promise<string> {
  const program =
    'import("./cli/build.mjs").then(({ freshBundle, keepCompiled }) => { keepCompiled("program"); return freshBundle("program"); }).then((file) => import(file))';
  const { all } = await execa("node", ["--eval", program], { cwd: root, all: true, reject: false });
  return all;
}

const bundle = () => statSync(path.join(root, "dist", "program.mjs")).ino;

describe("the program's bundle", () => {
  it("is compiled once, and again when it has changed", async () => {
    const compiled = async () =>
      (
        await readdir(path.join(root, "dist", "compiled", "program"), {
          recursive: true,
          withFileTypes: true,
        })
      )
        .filter((entry) => entry.isFile())
        .map((entry) => statSync(path.join(entry.parentPath, entry.name)).ino)
        .sort();
    expect(await start()).toBe("one");
    const first = await compiled();
    expect(first.length).toBeGreaterThan(0);
    expect(await start()).toBe("one");
    expect(await compiled()).toEqual(first);
    write("mine/word.ts", 'export const word: string = "two";\n', new Date());
    expect(await start()).toBe("two");
    expect(await compiled()).not.toEqual(first);
  });

  it("is made when there is none, and then used again", async () => {
    expect(await start()).toBe("one");
    const first = bundle();
    expect(await start()).toBe("one");
    expect(bundle()).toBe(first);
  });

  it("is made again after an edit of any file it is made of, also one that became older", async () => {
    await start();
    write("mine/word.ts", 'export const word: string = "two";\n', new Date());
    expect(await start()).toBe("two");
    write("mine/word.ts", 'export const word: string = "old";\n', new Date(0));
    expect(await start()).toBe("old");
  });

  it("is not used without a source of it, and the start says which one is missing", async () => {
    await start();
    rmSync(path.join(root, "mine", "word.ts"));
    expect(await start()).toContain('Could not resolve "./mine/word.ts"');
  });

  it("says where a source cannot be read, and works once it can", async () => {
    write("index.ts", "const = 1;\n");
    expect(await start()).toMatch(/index\.ts:1:6: ERROR/);
    write("index.ts", 'console.log("mended");\n');
    expect(await start()).toBe("mended");
  });

  it("is made again with other packages", async () => {
    await start();
    const first = bundle();
    write("package-lock.json", "{}");
    await start();
    expect(bundle()).not.toBe(first);
  });

  it.each([
    ["no JSON", "{"],
    ["about nothing", "{}"],
    ["of something else", '{"index.ts":"1 2 3"}'],
  ])("is made again when what is known of it is %s", async (_case, record) => {
    await start();
    const first = bundle();
    write("dist/program.mjs.made-of.json", record);
    expect(await start()).toBe("one");
    expect(bundle()).not.toBe(first);
  });

  it("belongs to its sources also when several starts make it at once", async () => {
    expect(await Promise.all(Array.from({ length: 4 }, start))).toEqual(["one", "one", "one", "one"]);
    write("mine/word.ts", 'export const word: string = "other";\n');
    expect(await Promise.all([start(), start()])).toEqual(["other", "other"]);
    expect(await start()).toBe("other");
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createInPlace, replaceFile } from "../../../../runtime/platform/replace-file.ts";

/** What was brought to the disk and what was renamed, in order. */
const calls = vi.hoisted((): string[] => []);

vi.mock("node:fs/promises", async (importOriginal) => {
  const actual = await importOriginal<typeof import("node:fs/promises")>();
  return {
    ...actual,
    async open(file: string, flags: string) {
      const handle = await actual.open(file, flags);
      const sync = handle.sync.bind(handle);
      handle.sync = async () => {
        calls.push(`sync ${path.basename(file).replace(/^[0-9a-f-]{36}/, "<new>")}`);
        await sync();
      };
      return handle;
    },
    async rename(from: string, to: string) {
      calls.push(`rename ${path.basename(to)}`);
      await actual.rename(from, to);
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "replace-file-"));
  calls.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const permissions = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe("replaceFile", () => {
  it("makes the folder and the file, with the modes it is given", async () => {
    const file = path.join(folder, "a", "b", "record.json");
    await replaceFile(file, "text", { mode: 0o600, folderMode: 0o700 });
    expect(await readFile(file, "utf8")).toBe("text");
    expect(await permissions(file)).toBe("600");
    expect(await permissions(path.dirname(file))).toBe("700");
  });

  it("replaces what is there and leaves nothing beside it", async () => {
    const file = path.join(folder, "record.json");
    await writeFile(file, "a much longer text from before");
    await replaceFile(file, "new");
    expect(await readFile(file, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["record.json"]);
  });

  it("brings the file to the disk before its name changes, and the folder after it", async () => {
    await replaceFile(path.join(folder, "record.json"), "text");
    expect(calls).toEqual(["sync <new>.tmp", "rename record.json", `sync ${path.basename(folder)}`]);
  });

  it("leaves the old content and no temporary file when the new one cannot be put in place", async () => {
    const file = path.join(folder, "taken");
    await mkdir(file);
    await writeFile(path.join(file, "inside"), "kept");
    await expect(replaceFile(file, "text")).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["taken"]);
    expect(await readFile(path.join(file, "inside"), "utf8")).toBe("kept");
  });

  it("leaves one whole content when many write at once", async () => {
    const file = path.join(folder, "record.json");
    const contents = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(5000));
    await Promise.all(contents.map((content) => replaceFile(file, content)));
    expect(contents).toContain(await readFile(file, "utf8"));
    expect(await readdir(folder)).toEqual(["record.json"]);
  });
});

describe("createInPlace", () => {
  it("puts a whole folder in place, each of its files on the disk before", async () => {
    const make = async (temporary: string) => {
      await mkdir(path.join(temporary, "deep"), { recursive: true });
      await writeFile(path.join(temporary, "deep", "file"), "text");
      return "made";
    };
    expect(await createInPlace(folder, make, (name) => path.join(folder, name))).toBe("made");
    expect(await readFile(path.join(folder, "made", "deep", "file"), "utf8")).toBe("text");
    expect(calls).toEqual([
      "sync file",
      "sync deep",
      "sync <new>.tmp",
      "rename made",
      `sync ${path.basename(folder)}`,
    ]);
  });

  it("leaves nothing behind when making it fails half-way", async () => {
    const make = async (temporary: string) => {
      await writeFile(temporary, "half");
      throw new Error("the connection broke");
    };
    const made = createInPlace(folder, make, () => path.join(folder, "made"));
    await expect(made).rejects.toThrow("the connection broke");
    expect(await readdir(folder)).toEqual([]);
  });
});

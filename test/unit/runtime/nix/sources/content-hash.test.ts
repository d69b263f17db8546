import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  changedFiles,
  folderIdentity,
  untrackedNixFiles,
  workTreeIdentity,
} from "../../../../../runtime/nix/sources/content-hash.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "content identity "));
  write("flake.nix", "{ }");
  write("hosts/web.nix", "1");
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (name: string) => path.join(root, name);
function write(name: string, content: string): void {
  mkdirSync(path.dirname(file(name)), { recursive: true });
  writeFileSync(file(name), content);
}
function git(...args: readonly string[]): string {
  const person = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  return execFileSync("git", ["-C", root, ...person, ...args], { encoding: "utf8" });
}

/** Changes that Nix sees in the contents, by name. */
const changes: [string, () => void][] = [
  ["an edit of the same length", () => write("hosts/web.nix", "2")],
  ["a deletion", () => rmSync(file("hosts/web.nix"))],
  ["an executable bit", () => chmodSync(file("hosts/web.nix"), 0o755)],
  [
    "a link in a file's place",
    () => {
      rmSync(file("hosts/web.nix"));
      symlinkSync("1", file("hosts/web.nix"));
    },
  ],
];

describe("a Git work tree", () => {
  beforeEach(() => {
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "first");
  });
  const identity = () => workTreeIdentity(root);

  test.each(changes)("%s counts, and going back is going back", async (_, change) => {
    const before = await identity();
    change();
    const after = await identity();
    expect(after).not.toBe(before);
    expect(await identity()).toBe(after);
    git("checkout", "-q", ".");
    expect(await identity()).toBe(before);
  });

  test("two edits of one file differ", async () => {
    write("hosts/web.nix", "2");
    const second = await identity();
    write("hosts/web.nix", "3");
    expect(await identity()).not.toBe(second);
  });

  test("an untracked file counts once Git knows it", async () => {
    const before = await identity();
    write("hosts/new file.nix", "x");
    expect(await identity()).toBe(before);
    git("add", "-N", ".");
    const intended = await identity();
    expect(intended).not.toBe(before);
    write("hosts/new file.nix", "y");
    expect(await identity()).not.toBe(intended);
  });

  test("a commit counts, as `self.rev` follows it", async () => {
    write("hosts/web.nix", "2");
    const dirty = await identity();
    git("commit", "-q", "-a", "-m", "second");
    expect(await identity()).not.toBe(dirty);
  });

  test("times do not count, and Git's index is left alone", async () => {
    const before = await identity();
    utimesSync(file("hosts/web.nix"), 1, 1);
    const index = execFileSync("sha256sum", [file(".git/index")], { encoding: "utf8" });
    expect(await identity()).toBe(before);
    expect(execFileSync("sha256sum", [file(".git/index")], { encoding: "utf8" })).toBe(index);
  });

  test("without any commit has an identity", async () => {
    rmSync(file(".git"), { recursive: true });
    git("init", "-q");
    const empty = await identity();
    git("add", "-A");
    expect(await identity()).not.toBe(empty);
  });

  test("lists Nix files it does not track, below the flake's folder, unless ignored", async () => {
    for (const name of [
      "hosts/a b.nix",
      "hosts/deep/c.nix",
      "other/d.nix",
      "hosts/README",
      "hosts/ignored.nix",
    ])
      write(name, "");
    write(".gitignore", "ignored.nix\n");
    expect(await untrackedNixFiles(root, "hosts")).toEqual(["hosts/a b.nix", "hosts/deep/c.nix"]);
    expect(await untrackedNixFiles(root, "")).toEqual(["hosts/a b.nix", "hosts/deep/c.nix", "other/d.nix"]);
  });

  test("Git's complaint is passed on", async () => {
    rmSync(file(".git"), { recursive: true });
    await expect(identity()).rejects.toThrow(/`git .* failed: .*not a git repository/s);
  });
});

describe("a folder outside Git", () => {
  test.each(changes)("%s counts", async (_, change) => {
    const before = await folderIdentity(root);
    change();
    expect(await folderIdentity(root)).not.toBe(before);
  });

  test("new, renamed and moved files count; times do not", async () => {
    const seen = new Set([await folderIdentity(root)]);
    utimesSync(file("hosts/web.nix"), 1, 1);
    seen.add(await folderIdentity(root));
    expect(seen.size).toBe(1);
    write("hosts/new.nix", "");
    seen.add(await folderIdentity(root));
    renameSync(file("hosts/new.nix"), file("hosts/old.nix"));
    seen.add(await folderIdentity(root));
    renameSync(file("hosts/old.nix"), file("old.nix"));
    seen.add(await folderIdentity(root));
    expect(seen.size).toBe(4);
  });
});

describe("git status", () => {
  test("tells changed and conflicting files, with spaces in their names", () => {
    const ordinary = `1 .M N... 100644 100644 100644 ${"a".repeat(40)} ${"b".repeat(40)} hosts/a b.nix`;
    const conflict = `u UU N... 100644 100644 100644 100644 ${"a".repeat(40)} ${"b".repeat(40)} ${"c".repeat(40)} c.nix`;
    expect(changedFiles(`${ordinary}\0${conflict}\0`)).toEqual(["hosts/a b.nix", "c.nix"]);
  });

  test("of a shape nobody knows is an error, not a guess", () => {
    expect(() => changedFiles("? untracked\0")).toThrow(/unknown entry/);
  });
});

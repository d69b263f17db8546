import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFlakeReference } from "../../../../../runtime/nix/sources/flake-reference.ts";

let root: string;
let repository: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "flake references ")));
  repository = path.join(root, "repository");
  for (const folder of ["repository/hosts", "repository/empty", "plain/nix"])
    mkdirSync(path.join(root, folder), { recursive: true });
  for (const folder of ["repository", "repository/hosts", "plain", "plain/nix"])
    writeFileSync(path.join(root, folder, "flake.nix"), "{ }");
  execFileSync("git", ["init", "-q", repository]);
  symlinkSync(path.join(repository, "hosts"), path.join(root, "link"));
});
afterAll(() => rmSync(root, { recursive: true }));

const parse = (reference: string) => parseFlakeReference(reference, repository);
const encodedRoot = () => root.replaceAll(" ", "%20");

describe("a folder inside a Git work tree", () => {
  const hosts = () => ({
    kind: "work-tree",
    root: repository,
    dir: "hosts",
    url: `git+file://${encodedRoot()}/repository?dir=hosts`,
  });

  test.each(["./hosts", "./hosts/", "../repository/hosts", ".?dir=hosts", "../link"])("%s", (reference) => {
    expect(parse(reference)).toEqual(hosts());
  });

  test("is the same as a git+file reference to it", () => {
    expect(parse(hosts().url)).toEqual(hosts());
  });

  test("has no dir at its root", () => {
    const url = `git+file://${encodedRoot()}/repository`;
    expect(parse(".")).toEqual({ kind: "work-tree", root: repository, dir: "", url });
  });

  test("keeps other parameters", () => {
    expect(parse(".?submodules=1").url).toBe(`git+file://${encodedRoot()}/repository?submodules=1`);
  });

  test("at a revision is fixed, at a branch it moves", () => {
    const revision = "0123456789abcdef0123456789abcdef01234567";
    expect(parse(`./hosts?rev=${revision}`)).toEqual({
      kind: "locked",
      dir: "hosts",
      url: `git+file://${encodedRoot()}/repository?rev=${revision}&dir=hosts`,
    });
    expect(parse("./hosts?ref=main")).toMatchObject({ kind: "moving", dir: "hosts" });
  });
});

describe("a folder outside Git, or read as one", () => {
  test("is taken whole", () => {
    expect(parse("../plain")).toEqual({
      kind: "folder",
      root: path.join(root, "plain"),
      dir: "",
      url: `path:${encodedRoot()}/plain`,
    });
    expect(parse("../plain?dir=nix")).toMatchObject({
      kind: "folder",
      root: path.join(root, "plain"),
      dir: "nix",
    });
    expect(parse("path:./hosts")).toMatchObject({
      kind: "folder",
      root: path.join(repository, "hosts"),
      dir: "",
    });
  });

  test("with a hash is fixed", () => {
    const url = "path:/nix/store/x-source?narHash=sha256-a%2Bb%3D&dir=hosts";
    expect(parse(url)).toEqual({ kind: "locked", dir: "hosts", url });
  });
});

describe("a reference to elsewhere", () => {
  const revision = "0123456789abcdef0123456789abcdef01234567";
  test.each([
    ["github:owner/repo", "moving"],
    ["github:owner/repo/main", "moving"],
    [`github:owner/repo/${revision}`, "locked"],
    [`gitlab:owner/repo/${revision}?dir=sub`, "locked"],
    ["git+ssh://git@example.org/repo?ref=main", "moving"],
    [`git+ssh://git@example.org/repo?rev=${revision}`, "locked"],
    ["git+ssh://git@example.org/repo?rev=main", "moving"],
    ["https://example.org/archive.tar.gz", "moving"],
    ["nixpkgs", "moving"],
  ])("%s is %s", (reference, kind) => {
    expect(parse(reference)).toEqual({
      kind,
      dir: reference.includes("dir=sub") ? "sub" : "",
      url: reference,
    });
  });
});

describe("what can't be meant", () => {
  test.each([
    ["./hosts#web", /holds an attribute/],
    ["hosts", /Write `\.\/hosts`/],
    ["./missing", /there is no folder .*\/missing/],
    ["./empty", /there is no flake\.nix in .*\/repository\/empty/],
    ["./hosts?dir=sub", /there is no flake\.nix in .*\/hosts\/sub/],
    [".?dir=../plain", /leaves the source tree/],
    [".?dri=hosts", /unknown parameter `dri`/],
    ["~/no/such/flake", new RegExp(`there is no folder ${homedir()}/no/such/flake`)],
  ])("%s", (reference, message) => {
    expect(() => parse(reference)).toThrow(message);
  });
});

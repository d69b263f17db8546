import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const changelog = `# Changelog

Text before the versions.

## [Unreleased]

### Added

- A new thing.

## [0.1.0] - 2026-01-02

### Added

- An old thing.
`;

let folder: string;

const file = (name: string) => path.join(folder, name);
const read = (name: string) => readFileSync(file(name), "utf8");

function run(program: string, ...args: string[]) {
  const identity = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const result = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...identity },
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

function git(...args: string[]): string {
  const { code, stdout, stderr } = run("git", ...args);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function commit(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
  git("add", "--all");
  git("commit", "--quiet", "--message", "test: a change");
}

const manifest = (version: string) => `${JSON.stringify({ name: "example", version }, null, 2)}\n`;
const lock = (version: string) => {
  const content = {
    name: "example",
    version,
    lockfileVersion: 3,
    packages: { "": { name: "example", version } },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
};

const release = (...args: string[]) => run(file(".ci/release.sh"), ...args);
const tags = () => git("tag", "--list");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "release-"));
  mkdirSync(file(".ci"));
  cpSync(path.join(packageRoot(), ".ci", "release.sh"), file(".ci/release.sh"));
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Somebody");
  git("config", "user.email", "somebody@example.org");
  commit({
    "CHANGELOG.md": changelog,
    "package.json": manifest("0.1.0"),
    "package-lock.json": lock("0.1.0"),
  });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The script refuses, says why, and leaves commits, files and tags as they were. */
function expectRefused(args: readonly string[], why: RegExp): void {
  const before = [git("rev-parse", "HEAD"), git("status", "--porcelain"), tags()];
  const { code, stderr } = release(...args);
  expect(stderr).toMatch(why);
  expect(code).toBeGreaterThan(0);
  expect([git("rev-parse", "HEAD"), git("status", "--porcelain"), tags()]).toEqual(before);
}

describe("release.sh", () => {
  it("cuts the changelog with the date, sets the version, and commits without a tag", () => {
    const first = new Date().toISOString().slice(0, 10);
    const { code, stdout } = release("0.2.0");
    const last = new Date().toISOString().slice(0, 10);
    expect(code).toBe(0);
    expect(stdout).toContain(".ci/run has to be green");
    const cut = (date: string) =>
      changelog.replace("[Unreleased]\n", `[Unreleased]\n\n## [0.2.0] - ${date}\n`);
    expect([cut(first), cut(last)]).toContain(read("CHANGELOG.md"));
    expect(read("package.json")).toBe(manifest("0.2.0"));
    expect(read("package-lock.json")).toBe(lock("0.2.0"));
    expect(git("log", "--format=%s", "-1")).toBe("release: 0.2.0");
    expect(git("diff", "--name-only", "HEAD~1").split("\n")).toEqual([
      "CHANGELOG.md",
      "package-lock.json",
      "package.json",
    ]);
    expect(git("status", "--porcelain")).toBe("");
    expect(tags()).toBe("");
  });

  it("makes an annotated tag of the commit when asked to, at once or later", () => {
    expect(release("--tag", "0.2.0").code).toBe(0);
    expect(git("cat-file", "-t", "v0.2.0")).toBe("tag");
    expect(git("rev-parse", "v0.2.0^{commit}")).toBe(git("rev-parse", "HEAD"));

    commit({ "CHANGELOG.md": read("CHANGELOG.md").replace("[Unreleased]\n", "[Unreleased]\n\n- More.\n") });
    expect(release("0.3.0").code).toBe(0);
    const released = git("rev-parse", "HEAD");
    expect(release("--tag", "0.3.0").code).toBe(0);
    expect(git("rev-parse", "v0.3.0^{commit}")).toBe(released);
    expect(git("rev-parse", "HEAD")).toBe(released);
  });

  it("makes the first release of the version that package.json has", () => {
    commit({ "CHANGELOG.md": changelog.slice(0, changelog.indexOf("## [0.1.0]")) });
    expect(release("0.1.0").code).toBe(0);
    expect(read("CHANGELOG.md")).toMatch(/^## \[0\.1\.0\] - \d{4}-\d\d-\d\d$/m);
  });

  it("works on a clean tree on main only", () => {
    writeFileSync(file("new.txt"), "");
    expectRefused(["0.2.0"], /changes that are not committed/);
    rmSync(file("new.txt"));
    git("switch", "--quiet", "--create", "other");
    expectRefused(["0.2.0"], /on the branch main/);
    git("switch", "--quiet", "--detach");
    expectRefused(["0.2.0"], /on the branch main/);
  });

  it("refuses where versions do not agree", () => {
    commit({ "package.json": manifest("0.1.5"), "package-lock.json": lock("0.1.5") });
    expectRefused(["0.2.0"], /package\.json has version 0\.1\.5, the newest in CHANGELOG\.md is 0\.1\.0/);
    commit({ "package.json": manifest("0.1.0") });
    expectRefused(["0.2.0"], /package\.json and package-lock\.json have different versions/);
  });

  it("refuses a version that is not a newer one", () => {
    expectRefused(["0.0.9"], /0\.0\.9 is older than 0\.1\.0/);
    expectRefused(["0.1.0"], /0\.1\.0 is in CHANGELOG\.md already/);
    expectRefused(["v0.2.0"], /^usage: /);
    expectRefused(["0.2"], /^usage: /);
    expectRefused([], /^usage: /);
    expectRefused(["0.2.0", "--tag"], /^usage: /);
  });

  it("refuses to release nothing", () => {
    commit({ "CHANGELOG.md": changelog.replace("- A new thing.\n", "") });
    expectRefused(["0.2.0"], /\[Unreleased\] in CHANGELOG\.md has no entries/);
  });

  it("refuses a tag that is there, and one of a commit that has more than the version", () => {
    expectRefused(["--tag", "0.1.0"], /has entries: this commit is more than 0\.1\.0/);
    git("tag", "v0.2.0");
    expectRefused(["--tag", "0.2.0"], /the tag v0\.2\.0 exists already/);
  });

  it("puts the files back where the commit fails", () => {
    const hook = file(".git/hooks/pre-commit");
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, "#!/bin/sh\necho refused by the hook >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    expectRefused(["--tag", "0.2.0"], /refused by the hook[\s\S]*nothing was released/);
    expect(read("CHANGELOG.md")).toBe(changelog);
  });
});

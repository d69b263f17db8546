import { symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findOnPath, findProgram, isInside } from "../../../harness/toolchain/executable.ts";
import { contextIn, temporaryFolder, writeProgram } from "./temporary.ts";

const wanted = { name: "tool", program: "tool", args: ["--version"], minimum: "2.24" };

describe("findProgram", () => {
  it("takes the first on PATH that is new enough", async () => {
    const root = temporaryFolder();
    const [old, good, newer] = ["2.18.1", "2.24", "2.30"].map((version) => {
      writeProgram(path.join(root, version, "tool"), `[ "$1" = --version ] && echo "tool ${version}"`);
      return path.join(root, version);
    });
    const context = contextIn(path.join(root, "ours"), { path: [old ?? "", good ?? "", newer ?? ""] });
    expect(await findProgram(wanted, context)).toEqual({
      name: "tool",
      version: "2.24.0",
      origin: "found",
      path: path.join(root, "2.24", "tool"),
    });
  });

  it("says why none will do", async () => {
    const root = temporaryFolder();
    const old = writeProgram(path.join(root, "old", "tool"), "echo 2.18.1");
    const mute = writeProgram(path.join(root, "mute", "tool"), "exit 1");
    const because = async (folders: string[]) =>
      await findProgram(wanted, contextIn(path.join(root, "ours"), { path: folders }));
    expect(await because([])).toEqual({ because: "no tool on PATH" });
    expect(await because([path.dirname(old)])).toEqual({ because: `${old} is 2.18.1, older than 2.24` });
    expect(await because([path.dirname(mute)])).toEqual({ because: `${mute} does not tell its version` });
  });

  it("reads versions that are told on standard error, as ssh does", async () => {
    const root = temporaryFolder();
    writeProgram(path.join(root, "bin", "tool"), "echo 'Tool_9.2p1, Lib 1.0' >&2");
    const context = contextIn(path.join(root, "ours"), { path: [path.join(root, "bin")] });
    expect(await findProgram(wanted, context)).toMatchObject({ version: "9.2.0" });
  });
});

describe("findOnPath", () => {
  it("leaves out what set-up itself made, linked or not", async () => {
    const root = temporaryFolder();
    const ours = path.join(root, "ours");
    const made = writeProgram(path.join(ours, "tool-1", "tool"), "echo 3.0");
    const linked = path.join(root, "linked");
    writeProgram(path.join(linked, "other"), ":");
    symlinkSync(made, path.join(linked, "tool"));
    const context = contextIn(ours, { path: [path.dirname(made), linked] });
    expect(await findOnPath("tool", context)).toEqual([]);
    expect(await findOnPath("other", context)).toEqual([path.join(linked, "other")]);
  });
});

describe("isInside", () => {
  it("is strict", () => {
    expect(isInside("/a/b/c", "/a/b")).toBe(true);
    expect(isInside("/a/b", "/a/b")).toBe(false);
    expect(isInside("/a/bc", "/a/b")).toBe(false);
    expect(isInside("/a", "/a/b")).toBe(false);
  });
});

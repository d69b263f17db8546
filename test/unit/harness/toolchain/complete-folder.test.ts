import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { completeFolder, readComplete } from "../../../harness/toolchain/complete-folder.ts";
import { temporaryFolder } from "./temporary.ts";

const signal = new AbortController().signal;
const made = { version: "1.2.3", executable: "bin/tool" };

function fill(folder: string): typeof made {
  mkdirSync(path.join(folder, "bin"));
  writeFileSync(path.join(folder, made.executable), "");
  return made;
}

describe("completeFolder", () => {
  it("makes it once, at its final path", async () => {
    const folder = path.join(temporaryFolder(), "tool-1");
    let runs = 0;
    const make = async () => {
      runs += 1;
      expect(readdirSync(folder)).toEqual([]);
      return fill(folder);
    };
    expect(await readComplete(folder)).toBeUndefined();
    const all = await Promise.all([1, 2, 3].map(() => completeFolder(folder, signal, make)));
    expect(all).toEqual([made, made, made]);
    expect(runs).toBe(1);
    expect(await readComplete(folder)).toEqual(made);
  });

  it("starts afresh after an attempt that broke off", async () => {
    const folder = path.join(temporaryFolder(), "tool-1");
    const broken = async () => {
      writeFileSync(path.join(folder, "half"), "");
      throw new Error("broke off");
    };
    await expect(completeFolder(folder, signal, broken)).rejects.toThrow("broke off");
    expect(await readComplete(folder)).toBeUndefined();
    await completeFolder(folder, signal, async () => fill(folder));
    expect(existsSync(path.join(folder, "half"))).toBe(false);
  });

  it("does not take a folder for complete that lost its executable, or never had one", async () => {
    const folder = path.join(temporaryFolder(), "tool-1");
    await expect(completeFolder(folder, signal, async () => made)).rejects.toThrow("without its bin/tool");
    await completeFolder(folder, signal, async () => fill(folder));
    rmSync(path.join(folder, made.executable));
    expect(await readComplete(folder)).toBeUndefined();
    await completeFolder(folder, signal, async () => fill(folder));
    expect(await readComplete(folder)).toEqual(made);
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const runner = path.join(packageRoot(), "cli", "run-cached.mjs");
let folder: string;
let bundle: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "cached-"));
  bundle = path.join(folder, "bundle.cjs");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** As `cli/build.mjs` writes it. @param mark one letter stands for the hash of the contents */
async function write(code: string, mark: string): Promise<void> {
  await writeFile(bundle, `${code}\n//${mark.repeat(64)}\n`);
}

async function start(purpose = "deploy"): Promise<{ stdout: string; exitCode: number | undefined }> {
  const program = `import { runCached } from ${JSON.stringify(runner)}; runCached(${JSON.stringify(bundle)}, ${JSON.stringify(purpose)});`;
  const { stdout, exitCode } = await execa("node", ["--input-type=module", "--eval", program], {
    reject: false,
  });
  return { stdout, exitCode };
}

async function caches(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== "bundle.cjs").sort();
}

describe("a bundle whose compiled code is kept", () => {
  it("runs as a module of its own, in its own folder", async () => {
    await write('console.log(require("node:path").basename(__filename), typeof module.exports);', "a");
    expect(await start()).toEqual({ stdout: "bundle.cjs object", exitCode: 0 });
  });

  it("is compiled once for each purpose", async () => {
    await write("console.log(1);", "a");
    for (const purpose of ["deploy", "deploy", "scan-host-key"]) await start(purpose);
    const v8 = process.versions.v8;
    expect(await caches()).toEqual([`bundle.cjs.deploy.${v8}`, `bundle.cjs.scan-host-key.${v8}`]);
  });

  it("takes the code of the same bundle only, even where V8 would not notice", async () => {
    await write("console.log(1);", "a");
    expect((await start()).stdout).toBe("1");
    await write("console.log(2);", "b");
    expect((await start()).stdout).toBe("2");
    // V8 itself compares lengths: what was kept is what runs as long as the mark is the same.
    await write("console.log(3);", "b");
    expect((await start()).stdout).toBe("2");
  });

  it("keeps what a run that failed has compiled until one has come to its end", async () => {
    await write("if (process.env.FAIL) process.exitCode = 1; else console.log(1);", "a");
    const file = async () => await readFile(path.join(folder, (await caches())[0] ?? ""), "latin1");
    process.env["FAIL"] = "yes";
    try {
      expect((await start()).exitCode).toBe(1);
      expect((await file()).slice(66, 71)).toBe("part ");
    } finally {
      delete process.env["FAIL"];
    }
    expect((await start()).stdout).toBe("1");
    expect((await file()).slice(66, 71)).toBe("whole");
  });

  it("runs all the same when nothing can be kept, or what is kept is damaged", async () => {
    await write("console.log(1);", "a");
    await start();
    const [name = ""] = await caches();
    const kept = await readFile(path.join(folder, name));
    await writeFile(path.join(folder, name), kept.subarray(0, 200));
    expect((await start()).stdout).toBe("1");
    // What V8 refuses is written anew.
    expect((await readFile(path.join(folder, name))).length).toBeGreaterThan(200);
  });
});

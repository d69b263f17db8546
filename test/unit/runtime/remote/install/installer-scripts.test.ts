import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

// The programs these scripts call change the clock and the memory of the machine they run on: here each only notes its call.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "installer-scripts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param programs name → what it does beside noting its call */
function runScript(name: string, args: readonly string[], programs: Readonly<Record<string, string>>) {
  for (const [program, body] of Object.entries(programs)) {
    const file = path.join(folder, program);
    writeFileSync(file, `#!/bin/sh\necho "${program} $*" >>"${folder}/calls"\n${body}\n`);
    chmodSync(file, 0o755);
  }
  writeFileSync(path.join(folder, "calls"), "");
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const stdout = execFileSync("sh", [remoteScriptPath(name), ...args], { env, encoding: "utf8" });
  return {
    stdout: stdout.trim(),
    calls: readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n"),
  };
}

describe("compressed swap", () => {
  const works = {
    modprobe: "",
    zramctl: "echo /dev/zram3",
    mkswap: "",
    swapon: "",
  };
  test("is made and used first", () => {
    expect(runScript("install/enable-zram", ["4096"], works)).toEqual({
      stdout: "zram /dev/zram3",
      calls: [
        "swapon --show=NAME --noheadings",
        "modprobe zram",
        "zramctl --find --size 4096",
        "mkswap /dev/zram3",
        "swapon --priority 100 /dev/zram3",
      ],
    });
  });
  test("is not made twice", () => {
    const { stdout, calls } = runScript("install/enable-zram", ["4096"], {
      ...works,
      swapon: "echo /dev/zram0",
    });
    expect([stdout, calls]).toEqual(["zram already", ["swapon --show=NAME --noheadings"]]);
  });
  test("that the kernel has not is not an error", () => {
    const programs = { ...works, modprobe: "exit 1", zramctl: "echo 'zramctl: no free zram' >&2; exit 1" };
    expect(runScript("install/enable-zram", ["1"], programs).stdout).toBe("none zramctl: no free zram");
  });
  test("that cannot be switched on is taken back", () => {
    const programs = {
      ...works,
      swapon: '[ "$1" = --show=NAME ] || { echo "swapon: refused" >&2; exit 1; }',
    };
    const { stdout, calls } = runScript("install/enable-zram", ["1"], programs);
    expect(stdout).toBe("none swapon: refused");
    expect(calls.at(-1)).toBe("zramctl --reset /dev/zram3");
  });
});

describe("the clock", () => {
  test("is set, and the machine's own with it", () => {
    expect(runScript("install/set-clock", ["1800000000"], { date: "", hwclock: "" }).calls).toEqual([
      "date --utc --set=@1800000000",
      "hwclock --systohc",
    ]);
  });
  test("of a machine without one of its own is set nevertheless", () => {
    expect(runScript("install/set-clock", ["1"], { date: "", hwclock: "exit 1" }).calls).toHaveLength(2);
  });
  test("that cannot be set is an error", () => {
    expect(() => runScript("install/set-clock", ["1"], { date: "exit 1", hwclock: "" })).toThrow();
  });
});

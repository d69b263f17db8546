import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";

const program = path.join(packageRoot(), "test", "harness", "nixos-anywhere", "nixos-anywhere.sh");

let tools: string;
beforeAll(() => {
  tools = mkdtempSync(path.join(tmpdir(), "tools-"));
  for (const tool of ["cat", "dirname", "mktemp", "readlink", "rm"])
    symlinkSync(path.join("/usr/bin", tool), path.join(tools, tool));
});
afterAll(() => rmSync(tools, { recursive: true }));

/** There is no ssh on its PATH: whatever gets as far as a connection fails there. */
const run = (...args: string[]) => {
  const result = spawnSync("/bin/bash", [program, ...args], { encoding: "utf8", env: { PATH: tools } });
  return { code: result.status, said: `${result.stdout}${result.stderr}` };
};
const paths = ["--store-paths", "/bin/sh", "/bin"];

test.each([
  [["--target-host"], "--target-host needs 1 argument(s), but got 0"],
  [["--store-paths", "/bin/sh"], "--store-paths needs 2 argument(s), but got 1"],
  [["--chown", "/etc"], "--chown needs 2 argument(s), but got 1"],
  [["--phases", "kexec,dance", "h"], "Unknown phase: dance"],
  [["--build-on", "moon", "h"], "Unknown mode : moon"],
  [["--disko-mode", "destroy", "h"], "Unknown mode : destroy"],
  [["--force-kexec", "h"], "--force-kexec is not in this stand-in"],
  [["--vm-test"], "--vm-test is not in this stand-in"],
  [["--unheard-of", "h"], "unknown option: --unheard-of"],
  [["--flake", ".#a"], "ssh-host must be set"],
  [["--flake", ".", "h"], "Please specify the name of the NixOS configuration"],
  [["--flake", ".#", "h"], "Please specify the name of the NixOS configuration"],
  [["h"], "--flake or --store-paths must be set"],
  [["a", "b"], "Usage: nixos-anywhere"],
])("%j ends with a reason", (args, reason) => {
  const { code, said } = run(...args);
  expect(said).toContain(reason);
  expect(code).toBe(1);
});

test("what exists and is complete gets past the command line", () => {
  const { said } = run("-i", "/bin/sh", ...paths, "--phases", "disko,install", "root@h");
  expect(said).not.toContain("aborted");
  expect(said).toContain("install: command not found");
});

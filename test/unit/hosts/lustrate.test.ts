import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = path.resolve(import.meta.dirname, "../../../hosts/modules/lustrate.sh");
let root: string;
const at = (...parts: string[]) => path.join(root, ...parts);
const lustrate = (environment: Record<string, string> = {}) =>
  execFileSync("bash", [script], {
    env: { PATH: process.env["PATH"], SYSROOT: root, ...environment },
    encoding: "utf8",
  });

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "fleet-lustrate-"));
  for (const folder of ["etc/ssh", "nix/store", "boot/loader", "srv", "root", "old-root"])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("etc/ssh/key"), "key", { mode: 0o600 });
  writeFileSync(at("etc/passwd"), "old");
  writeFileSync(at("srv/data"), "precious");
  writeFileSync(at("root/notes"), "kept");
  writeFileSync(at("old-root/older"), "from before");
  writeFileSync(at("etc/NIXOS_LUSTRATE"), "etc/ssh/key\nroot/notes\netc/missing\n");
});
afterEach(() => rmSync(root, { recursive: true }));

function expectMoved(): void {
  expect(readdirSync(root).sort()).toEqual(["boot", "etc", "nix", "old-root", "root"]);
  expect(readdirSync(at("etc")).sort()).toEqual(["NIXOS", "ssh"]);
  expect(readFileSync(at("etc/ssh/key"), "utf8")).toBe("key");
  expect(statSync(at("etc/ssh/key")).mode & 0o777).toBe(0o600);
  expect(readFileSync(at("root/notes"), "utf8")).toBe("kept");
  expect(readFileSync(at("old-root/srv/data"), "utf8")).toBe("precious");
  expect(readFileSync(at("old-root/etc/passwd"), "utf8")).toBe("old");
  expect(readFileSync(at("old-root/old-root/older"), "utf8")).toBe("from before");
  expect(existsSync(at("boot/loader")) && existsSync(at("nix/store"))).toBe(true);
}

test("old files go to /old-root, what is listed stays, and a missing one is told", () => {
  expect(lustrate()).toContain("lists etc/missing, which is not there");
  expectMoved();
});

test.each([1, 2, 3, 4])("after a power cut at move %i it goes on", (cut) => {
  // This `mv` ends the script there.
  const folder = mkdtempSync(path.join(tmpdir(), "fleet-mv-"));
  const count = path.join(folder, "count");
  writeFileSync(
    path.join(folder, "mv"),
    `#!/bin/sh\necho >>${count}\n[ "$(wc -l <${count})" -ne "$CUT" ] || exit 9\nexec /bin/mv "$@"\n`,
    { mode: 0o755 },
  );
  const environment = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, CUT: String(cut) };
  expect(() => lustrate(environment)).toThrow();
  expect(existsSync(at("etc/NIXOS_LUSTRATE"))).toBe(true);
  lustrate();
  expectMoved();
  rmSync(folder, { recursive: true });
});

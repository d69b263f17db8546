import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "handover-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const mode = (name: string) => (statSync(path.join(root, name)).mode & 0o777).toString(8);
const handOver = (key: string, disks = '{"disk":1}') =>
  execFileSync(
    "sh",
    [remoteScriptPath("install/install-identity"), root, '{"a":"it\'s"}', "ssh-ed25519 AAAA", disks],
    {
      input: key,
    },
  );

test("identity and keys get the right contents and modes, whatever the caller's umask", () => {
  const before = process.umask(0o077);
  try {
    handOver("PRIVATE\nKEY\n");
  } finally {
    process.umask(before);
  }
  expect(readFileSync(path.join(root, "etc/fleet/identity.json"), "utf8")).toBe('{"a":"it\'s"}\n');
  expect(readFileSync(path.join(root, "etc/ssh/ssh_host_ed25519_key.pub"), "utf8")).toBe(
    "ssh-ed25519 AAAA\n",
  );
  expect(readFileSync(path.join(root, "etc/ssh/ssh_host_ed25519_key"), "utf8")).toBe("PRIVATE\nKEY\n");
  expect(mode("etc/ssh/ssh_host_ed25519_key")).toBe("600");
  expect(mode("etc/ssh/ssh_host_ed25519_key.pub")).toBe("644");
  expect(readFileSync(path.join(root, "etc/fleet/disks.json"), "utf8")).toBe('{"disk":1}\n');
  for (const file of ["identity", "disks"]) expect(mode(`etc/fleet/${file}.json`)).toBe("644");
  for (const folder of ["etc", "etc/fleet", "etc/ssh"]) expect(mode(folder)).toBe("755");
});

test("a second time replaces the key and leaves nothing beside it", () => {
  handOver("first\n");
  handOver("second\n");
  expect(readFileSync(path.join(root, "etc/ssh/ssh_host_ed25519_key"), "utf8")).toBe("second\n");
  expect(readdirSync(path.join(root, "etc/ssh")).sort()).toEqual([
    "ssh_host_ed25519_key",
    "ssh_host_ed25519_key.pub",
  ]);
});

test("a host without a layout has no record of one, also after a host that had", () => {
  handOver("first\n");
  handOver("second\n", "");
  expect(readdirSync(path.join(root, "etc/fleet"))).toEqual(["identity.json"]);
});

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { seedFiles, writeSeed } from "../../../harness/machines/seed.ts";

const key = (name: string) => `ssh-ed25519 AAAA ${name}`;

function seed(config: object, authorizedKeys: readonly string[] = []) {
  return seedFiles({ hostname: "web", authorizedKeys, userData: `#cloud-config\n${stringify(config)}` });
}

test("metadata alone: host name, keys, and host keys made anew", () => {
  expect(seedFiles({ hostname: "web", authorizedKeys: [key("a"), key("b")], userData: null })).toEqual({
    hostname: "web\n",
    authorized_keys: `${key("a")}\n${key("b")}\n`,
    "delete-host-keys": "",
  });
});

test("user data adds its keys to those of the metadata and overrides the host name", () => {
  const files = seed({ hostname: "other", ssh_authorized_keys: [key("b")], ssh_deletekeys: false }, [
    key("a"),
  ]);
  expect(files).toEqual({ hostname: "other\n", authorized_keys: `${key("a")}\n${key("b")}\n` });
});

test("host keys get the names sshd reads them by, one newline at their end", () => {
  const files = seed({
    ssh_keys: { ed25519_private: "A\nB\n\n", ed25519_public: key("host"), rsa_private: "R" },
  });
  expect(files["host-keys/ssh_host_ed25519_key"]).toBe("A\nB\n");
  expect(files["host-keys/ssh_host_ed25519_key.pub"]).toBe(`${key("host")}\n`);
  expect(files["host-keys/ssh_host_rsa_key"]).toBe("R\n");
});

test("users become folders; the default user is root and has its keys already", () => {
  const files = seed({
    users: [
      "default",
      { name: "deploy", sudo: ["A", "B"], ssh_authorized_keys: [key("d")] },
      { name: "idle" },
    ],
  });
  expect(Object.fromEntries(Object.entries(files).filter(([name]) => name.startsWith("users/")))).toEqual({
    "users/deploy/authorized_keys": `${key("d")}\n`,
    "users/deploy/sudoers": "deploy A\ndeploy B\n",
    "users/deploy/shell": "/bin/bash\n",
    "users/idle/authorized_keys": "",
    "users/idle/sudoers": "",
    "users/idle/shell": "/bin/bash\n",
  });
});

test("user data that cannot be carried out leaves the metadata and the error", () => {
  const files = seed({ runcmd: ["reboot"], ssh_authorized_keys: [key("b")] }, [key("a")]);
  expect(Object.keys(files).sort()).toEqual(["authorized_keys", "error", "hostname"]);
  expect(files["error"]).toContain("runcmd");
  expect(files["authorized_keys"]).toBe(`${key("a")}\n`);
});

test("a seed on disk is only for root, replaces the one before, and is another instance", async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), "seed-")), "seed");
  await writeSeed(folder, { error: "old\n" });
  const first = await readFile(path.join(folder, "instance-id"), "utf8");
  await writeSeed(folder, { "host-keys/ssh_host_ed25519_key": "secret\n" });
  expect((await readdir(folder)).sort()).toEqual(["host-keys", "instance-id"]);
  expect(await readFile(path.join(folder, "instance-id"), "utf8")).not.toBe(first);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, "host-keys/ssh_host_ed25519_key"))).mode & 0o777).toBe(0o600);
  await rm(path.dirname(folder), { recursive: true });
});

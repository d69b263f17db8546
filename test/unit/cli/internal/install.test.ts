import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseInstallSpec, runInstall } from "../../../../cli/internal/install.ts";
import { unevaluatedSystem } from "../../../../model/protocol/unevaluated-system.ts";

let logDirectory: string;
beforeAll(() => {
  logDirectory = mkdtempSync(path.join(tmpdir(), "install-"));
});
afterAll(() => rmSync(logDirectory, { recursive: true }));

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const spec = () => ({
  version: 1,
  stack: "fleet/prod",
  host: "web",
  aliases: [],
  provider: "hetzner",
  serverId: "1",
  connection: { address: "127.0.0.1", port: 1, user: "root", privateKey: "no-such-private-key" },
  bootstrapHostKey: key,
  hostKey: { publicKey: key, privateKey: "the final host key" },
  reinstall: null,
  wipe: false,
  acceptDiskLayout: false,
  build: { on: "auto" },
  cache: { push: null, signingKey: null },
  system: unevaluatedSystem("/nix/store/t", "x86_64-linux"),
  kexecTarball: null,
  bootstrap: "kexec",
  diskKeys: {},
  rescue: null,
  deadlines: { contact: 1, facts: 1, rescue: 1, kexec: 1, disko: 1, install: 1, reboot: 1, verify: 1 },
  logDirectory,
});

test("a whole specification is read", () => {
  expect(parseInstallSpec(JSON.stringify(spec()))).toEqual(spec());
});

test("the way to a rescue system is read, and has to be said", () => {
  const rescue = {
    cloud: "hetzner",
    serverId: "7",
    endpoint: "https://cloud.test/v1",
    token: "no-such-token",
    sshKeyId: "8",
    wanted: true,
    pinFile: path.join(logDirectory, "pin.json"),
  };
  expect(parseInstallSpec(JSON.stringify({ ...spec(), rescue })).rescue).toEqual(rescue);
  const { rescue: _, ...less } = spec();
  expect(() => parseInstallSpec(JSON.stringify(less))).toThrow("rescue");
  const wrong = {
    ...spec(),
    rescue: { ...rescue, serverId: "x", pinFile: "pin", token: "the-token", extra: 1 },
  };
  const read = () => parseInstallSpec(JSON.stringify(wrong));
  for (const error of ["rescue.serverId", "rescue.pinFile", "extra"]) expect(read).toThrow(error);
  expect(read).not.toThrow("the-token");
});

test("all errors are listed with their paths and without values", () => {
  const wrong = {
    ...spec(),
    version: 2,
    surprise: "the-value",
    connection: { ...spec().connection, port: 99999, privateKey: 5 },
  };
  const read = () => parseInstallSpec(JSON.stringify(wrong));
  for (const error of ["version", "surprise", "connection.port", "connection.privateKey"])
    expect(read).toThrow(error);
  expect(read).not.toThrow("the-value");
});

test.each(["", "{", "[]", "null"])("input %j is refused", (input) => {
  expect(() => parseInstallSpec(input)).toThrow("standard input is not what this version expects");
});

test("an error names host and log, and progress goes where it is asked to", async () => {
  const lines: string[] = [];
  const io = { signal: new AbortController().signal, write: (line: string) => lines.push(line) };
  const error = await runInstall(JSON.stringify(spec()), io).catch((error: unknown) => error);
  expect(String(error)).toMatch(/web: contact failed: 127.0.0.1 port 1 could not be reached/);
  expect(String(error)).toContain(`log:  ${logDirectory}/`);
  expect(lines[0]).toMatch(/^web: \[1\/7\] contact: waiting for SSH \(0\.\d s\)$/);
});

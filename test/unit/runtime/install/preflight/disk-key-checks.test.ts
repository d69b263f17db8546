import { expect, test } from "vitest";
import type { SystemTraits } from "../../../../../model/protocol/connection.ts";
import { diskKeyErrors } from "../../../../../runtime/install/preflight/disk-key-checks.ts";

const traits = (files: string[], prompts: string[] = []): SystemTraits => ({
  diskKeys: { files, prompts },
  fileSystems: [],
  lustrates: true,
  firmware: null,
  administrators: null,
  openPorts: { enable: true, everywhere: { tcp: [], udp: [] }, interfaces: {} },
  ssh: { enable: true, ports: [22], open: null, users: null, refused: null },
});

test.each([
  [traits([]), []],
  [traits(["/tmp/a.key", "/tmp/b.key"]), ["/tmp/b.key", "/tmp/a.key"]],
  // A stick or random bytes: the machine's own.
  [traits(["/dev/disk/by-partlabel/stick", "/dev/urandom"]), []],
  [null, ["/tmp/a.key"]],
])("nothing is wrong with %j and %j", (given, delivered) => {
  expect(diskKeyErrors(given, delivered)).toEqual([]);
});

test("a key that nobody delivers says which setting does", () => {
  expect(diskKeyErrors(traits(["/tmp/a.key"]), [])).toEqual([
    'the disk layout reads a key from /tmp/a.key, and nothing provides it: set diskKeys: {"/tmp/a.key": <name of a secret>}',
  ]);
});

test("a key that no layout reads says which it reads", () => {
  expect(diskKeyErrors(traits(["/tmp/disk.key"]), ["/tmp/disk.key", "/tmp/dsik.key"])).toEqual([
    'diskKeys puts a key at /tmp/dsik.key, and the disk layout reads none there; did you mean "/tmp/disk.key"?',
  ]);
});

test("a question at the console is refused by the name of the device", () => {
  expect(diskKeyErrors(traits([], ["root"]), [])).toEqual([
    expect.stringContaining('asks for the key of "root" at the console, and an install is unattended'),
  ]);
});

test("a key in the Nix store is refused, delivered or not", () => {
  expect(diskKeyErrors(traits([`/nix/store/${"a".repeat(32)}-key`]), [])).toEqual([
    expect.stringContaining("everybody can read what is in the Nix store"),
  ]);
});

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  readRescuePin,
  removeRescuePin,
  writeRescuePin,
} from "../../../../../runtime/install/rescue/host-key-pin.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pin-"));
  file = path.join(folder, "rescue", "web.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a key is pinned for its server, readable by its owner alone, until it is removed", async () => {
  expect(await readRescuePin(file, "7")).toBeUndefined();
  await writeRescuePin(file, "7", key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await readRescuePin(file, "7")).toBe(key);
  expect(await readRescuePin(file, "8")).toBeUndefined();
  await removeRescuePin(file);
  await removeRescuePin(file);
  expect(await readRescuePin(file, "7")).toBeUndefined();
});

test.each([
  "",
  "{",
  "{}",
  `{"version":2,"serverId":"7","publicKey":"${key}"}`,
  '{"version":1,"serverId":"7","publicKey":"x"}',
])("a damaged file pins nothing: %j", async (text) => {
  await writeRescuePin(file, "7", key);
  writeFileSync(file, text);
  expect(await readRescuePin(file, "7")).toBeUndefined();
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { nixosAnywhere, pinnedSource } from "../../../../../runtime/install/nixos-anywhere/source.ts";
import { packageRoot } from "../../../../../runtime/platform/package-root.ts";

const pin = {
  type: "github",
  owner: "o",
  repo: "r",
  rev: "91fc9b70fc295258c366cce8627efb6f185fd9fb",
  narHash: "sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
};
const lock = (locked: unknown, input: unknown = "node") =>
  JSON.stringify({
    version: 7,
    root: "root",
    nodes: { root: { inputs: { "nixos-anywhere": input } }, node: { locked } },
  });

test("the reference holds revision and content hash", () => {
  expect(pinnedSource(lock(pin))).toEqual({
    reference: `github:o/r/${pin.rev}?narHash=sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8%3D`,
    url: `https://github.com/o/r/archive/${pin.rev}.tar.gz`,
    sha256: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
  });
});

test("the package's own lock file pins it", () => {
  const text = readFileSync(path.join(packageRoot(), "hosts", "flake.lock"), "utf8");
  expect(pinnedSource(text).reference).toMatch(
    /^github:nix-community\/nixos-anywhere\/[0-9a-f]{40}\?narHash=sha256-/,
  );
});

test.each([
  ["no input", lock(pin, null)],
  ["an input that follows another", lock(pin, ["nixpkgs"])],
  ["no content hash", lock({ ...pin, narHash: undefined })],
  ["a branch instead of a revision", lock({ ...pin, rev: "main" })],
  ["another kind of source", lock({ ...pin, type: "git" })],
])("%s is an error", (_name, text) => {
  expect(() => pinnedSource(text)).toThrow();
});

test("FLEET_NIXOS_ANYWHERE names the program, and must exist", async () => {
  const chosen = (file: string) =>
    nixosAnywhere({ timeoutSeconds: 5, environment: { FLEET_NIXOS_ANYWHERE: file } });
  expect(await chosen("/bin/sh")).toBe("/bin/sh");
  await expect(chosen("/nonexistent/nixos-anywhere")).rejects.toThrow("/nonexistent/nixos-anywhere");
});

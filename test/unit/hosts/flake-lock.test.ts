import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { codeOf, hostsFolder, sourceOf } from "./nix-source.ts";

/** flake.lock, version 7 (Nix manual, "nix3 flake", Lock files), as far as we use it: GitHub sources only. */
const lockSchema = z.strictObject({
  version: z.literal(7),
  root: z.literal("root"),
  nodes: z.record(
    z.string(),
    z.strictObject({
      flake: z.literal(false).optional(),
      inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      locked: z
        .strictObject({
          lastModified: z.number().int().positive(),
          narHash: z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/),
          owner: z.string(),
          repo: z.string(),
          rev: z.string().regex(/^[0-9a-f]{40}$/),
          type: z.literal("github"),
        })
        .optional(),
      original: z
        .strictObject({
          owner: z.string(),
          ref: z.string().optional(),
          repo: z.string(),
          type: z.literal("github"),
        })
        .optional(),
    }),
  ),
});

const lock = lockSchema.parse(JSON.parse(sourceOf(path.join(hostsFolder, "flake.lock"))));
const source = sourceOf(path.join(hostsFolder, "flake.nix"));

describe("hosts/flake.lock", () => {
  test("locks every input of flake.nix, to the source it names, and nothing else", () => {
    const urls = [...source.matchAll(/url = "github:([^"]+)"/g)].map((match) => match[1]);
    const locked = Object.entries(lock.nodes)
      .filter(([name]) => name !== "root")
      .map(([, node]) => {
        expect([node.locked?.owner, node.locked?.repo]).toEqual([node.original?.owner, node.original?.repo]);
        const { owner, repo, ref } = node.original ?? {};
        return [owner, repo, ref].filter((part) => part !== undefined).join("/");
      });
    expect(urls.toSorted()).toEqual(locked.toSorted());
  });

  test("every input of every node is a node", () => {
    const names = Object.keys(lock.nodes);
    for (const node of Object.values(lock.nodes)) {
      for (const target of Object.values(node.inputs ?? {})) {
        if (typeof target === "string") expect(names).toContain(target);
        else expect(target).toEqual(["nixpkgs"]);
      }
    }
    expect(lock.nodes["root"]?.inputs).toEqual({
      disko: "disko",
      "nixos-anywhere": "nixos-anywhere",
      nixpkgs: "nixpkgs",
      "sops-nix": "sops-nix",
    });
  });

  test("one nixpkgs for all: what follows in flake.nix follows in the lock", () => {
    const follows = [...codeOf(source).matchAll(/inputs\.nixpkgs\.follows/g)].length;
    const followers = Object.values(lock.nodes).filter((node) => Array.isArray(node.inputs?.["nixpkgs"]));
    expect(followers).toHaveLength(follows);
    expect(follows).toBe(2);
  });

  test("nixos-anywhere is a source, not a flake, in both", () => {
    expect(lock.nodes["nixos-anywhere"]?.flake).toBe(false);
    expect(source.match(/flake = false/g)).toHaveLength(1);
  });

  test("nixpkgs is a release branch", () => {
    expect(lock.nodes["nixpkgs"]?.original?.ref).toMatch(/^nixos-\d\d\.(05|11)$/);
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(packageRoot(), file), "utf8"));
const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(read("package.json"));
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ resolved: z.string().optional(), version: z.string().optional() }),
    ),
  })
  .parse(read("package-lock.json"));

describe("dependencies", () => {
  it("are pinned to one version each", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("hold the command provider at 1.2.1: the registry's `latest` is a mistaken old release without logging", () => {
    expect(manifest.dependencies["@pulumi/command"]).toBe("1.2.1");
    expect(lock.packages["node_modules/@pulumi/command"]?.version).toBe("1.2.1");
  });

  it("are locked without naming a registry's host", () => {
    const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(resolved).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const lockfile = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        link: z.boolean().optional(),
        resolved: z.string().optional(),
        integrity: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(packageRoot(), "package-lock.json"), "utf8")));

/** All but this repository itself. */
const packages = Object.entries(lockfile.packages).filter(([folder]) => folder !== "");

describe("package-lock.json", () => {
  it("names many packages", () => {
    expect(packages.length).toBeGreaterThan(100);
  });

  it("says of each package what its contents must be", () => {
    const unchecked = packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ""));
    expect(unchecked.map(([folder]) => folder)).toEqual([]);
  });

  it("names no registry: whoever installs has their own", () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([folder]) => folder)).toEqual(
      [],
    );
  });
});

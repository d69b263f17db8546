import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { page } from "../docs/pages.ts";

const versioned = z.object({ version: z.string() });
const versionIn = (file: string) =>
  versioned.parse(JSON.parse(readFileSync(path.join(packageRoot(), file), "utf8"))).version;

const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

describe("CHANGELOG.md", () => {
  const { text } = page("CHANGELOG.md");
  const versions = text.match(/^## .*$/gm) ?? [];

  it("begins with what is not released, then has a version and its date in each heading", () => {
    expect(versions[0]).toBe("## [Unreleased]");
    expect(versions.length).toBeGreaterThan(1);
    for (const heading of versions.slice(1))
      expect(heading).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
  });

  it("has the version of package.json and package-lock.json as its newest", () => {
    const [, newest] = /^## \[(\d[^\]]*)\]/m.exec(text) ?? [];
    expect(newest).toBe(versionIn("package.json"));
    expect(newest).toBe(versionIn("package-lock.json"));
  });

  it("sorts its entries by the kinds of Keep a Changelog", () => {
    const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, kind = ""]) => kind);
    expect(headings.filter((kind) => !kinds.includes(kind))).toEqual([]);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";

const folder = path.join(packageRoot(), "model", "protocol");

/** Program and command are of one version: what the program leaves out is a mistake, and the settings are where a default belongs. */
describe.each(readdirSync(folder))("model/protocol/%s", (file) => {
  it("has no default", () => {
    const text = readFileSync(path.join(folder, file), "utf8");
    expect(text.match(/\.(default|prefault|catch)\(/g)).toBeNull();
  });
});

import { writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseVersion, findPlugin } from "../../../harness/toolchain/find-plugin.ts";
import { compareVersions, isCompatible, type Version } from "../../../harness/toolchain/version.ts";
import { contextIn, temporaryFolder, writeProgram } from "./temporary.ts";

const pin = { name: "hcloud", version: "1.32.1" };

function cachePlugin(home: string, version: string): string {
  const folder = path.join(home, ".pulumi", "plugins", `resource-hcloud-v${version}`);
  return writeProgram(path.join(folder, "pulumi-resource-hcloud"), ":");
}

describe("chooseVersion", () => {
  const version = fc.tuple(fc.nat(2), fc.nat(40), fc.nat(3));
  it("takes the newest compatible one unless the exact one is there", () => {
    fc.assert(
      fc.property(fc.array(version), (versions) => {
        const chosen = chooseVersion(
          versions.map((one) => ({ version: one })),
          pin.version,
        )?.version;
        const exact = versions.some((one) => compareVersions(one, [1, 32, 1]) === 0);
        const compatible = versions.filter((one) => isCompatible(one, pin.version));
        const newest = compatible.sort((a: Version, b: Version) => compareVersions(b, a))[0];
        expect(chosen).toEqual(exact ? [1, 32, 1] : newest);
      }),
    );
  });
});

describe("findPlugin", () => {
  it("reads the user's plugin cache", async () => {
    const home = temporaryFolder();
    const plugin = cachePlugin(home, "1.32.1");
    cachePlugin(home, "1.40.0");
    const context = contextIn(path.join(home, "ours"), { home });
    expect(await findPlugin(pin, context)).toEqual({
      name: "plugin-hcloud",
      version: "1.32.1",
      origin: "found",
      path: plugin,
    });
  });

  it("passes over unfinished downloads, older versions and other majors", async () => {
    const home = temporaryFolder();
    cachePlugin(home, "1.31.9");
    cachePlugin(home, "2.0.0");
    expect(await findPlugin(pin, contextIn(path.join(home, "ours"), { home }))).toEqual({
      because: "only hcloud 1.31.9, 2.0.0, not 1.32.1",
    });
    cachePlugin(home, "1.33.0");
    const partial = path.join(home, ".pulumi", "plugins", "resource-hcloud-v1.33.0.partial");
    writeFileSync(partial, "");
    expect(await findPlugin(pin, contextIn(path.join(home, "ours"), { home }))).toHaveProperty("because");
  });

  it("takes one on PATH that tells its version", async () => {
    const root = temporaryFolder();
    const plugin = writeProgram(
      path.join(root, "bin", "pulumi-resource-hcloud"),
      '[ "$1" = -version ] && echo 1.32.4',
    );
    const context = contextIn(path.join(root, "ours"), { path: [path.dirname(plugin)] });
    expect(await findPlugin(pin, context)).toMatchObject({ version: "1.32.4", path: plugin });
    writeProgram(plugin, "exit 2");
    expect(await findPlugin(pin, context)).toEqual({
      because: "no hcloud plugin in the plugin cache or on PATH",
    });
  });
});

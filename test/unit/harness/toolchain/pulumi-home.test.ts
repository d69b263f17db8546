import { existsSync, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { ComponentFact } from "../../../harness/toolchain/component.ts";
import { preparePulumiHome } from "../../../harness/toolchain/pulumi-home.ts";
import { temporaryFolder } from "./temporary.ts";

const plugin = (name: string, version: string, file: string): ComponentFact => ({
  name: `plugin-${name}`,
  version,
  origin: "built",
  path: file,
});

describe("preparePulumiHome", () => {
  it("links each plugin under the name the engine looks for, and follows changed choices", async () => {
    const folder = temporaryFolder();
    const nix: ComponentFact = { name: "nix", version: "2.26.3", origin: "found", path: "/bin/nix" };
    const first = [plugin("tls", "5.3.0", "/a/tls"), plugin("hcloud", "1.32.1", "/a/hcloud"), nix];
    const home = await preparePulumiHome(folder, first);
    expect(home).toBe(path.join(folder, "pulumi-home"));
    const link = (entry: string, name: string) =>
      path.join(home, "plugins", entry, `pulumi-resource-${name}`);
    expect(readdirSync(path.join(home, "plugins"))).toEqual([
      "resource-hcloud-v1.32.1",
      "resource-tls-v5.3.0",
    ]);
    expect(readlinkSync(link("resource-tls-v5.3.0", "tls"))).toBe("/a/tls");

    await preparePulumiHome(folder, [
      plugin("tls", "5.3.0", "/b/tls"),
      plugin("hcloud", "1.40.0", "/b/hcloud"),
    ]);
    expect(readlinkSync(link("resource-tls-v5.3.0", "tls"))).toBe("/b/tls");
    expect(readlinkSync(link("resource-hcloud-v1.40.0", "hcloud"))).toBe("/b/hcloud");
    expect(existsSync(path.join(home, "plugins", "resource-hcloud-v1.32.1"))).toBe(false);
  });
});

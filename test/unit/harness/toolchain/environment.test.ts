import path from "node:path";
import { describe, expect, it } from "vitest";
import type { ComponentFact, Origin } from "../../../harness/toolchain/component.ts";
import { searchPath, toolchainEnvironment } from "../../../harness/toolchain/environment.ts";
import { temporaryFolder, writeProgram } from "./temporary.ts";

const fact = (name: string, origin: Origin, file: string): ComponentFact => ({
  name,
  version: "1.0.0",
  origin,
  path: file,
});

describe("searchPath", () => {
  it("puts our folders first, each once, and leaves what was found where it is", () => {
    const programs = [
      fact("pulumi", "built", "/ours/pulumi/bin/pulumi"),
      fact("nix", "distribution", "/ours/nix/bin/nix"),
      fact("git", "found", "/usr/bin/git"),
    ];
    const path = searchPath(programs, "/usr/local/bin:/ours/nix/bin::/usr/bin:/usr/local/bin");
    expect(path).toBe("/ours/pulumi/bin:/ours/nix/bin:/usr/local/bin:/usr/bin");
    expect(searchPath(programs, path)).toBe(path);
  });
});

describe("toolchainEnvironment", () => {
  const nix = (origin: Origin) => fact("nix", origin, "/x/bin/nix");

  it("keeps a private Nix away from the machine's configuration, caches and network", async () => {
    const env = await toolchainEnvironment("/ours", "/home", [nix("distribution")], {
      NIX_CONFIG: "cores = 1",
    });
    expect(env["NIX_CONFIG"]?.split("\n")).toEqual(
      expect.arrayContaining(["substituters =", "build-users-group =", "flake-registry ="]),
    );
    expect(env["NIX_CONFIG"]).not.toContain("cores");
    for (const name of [
      "NIX_CONF_DIR",
      "NIX_CACHE_HOME",
      "NIX_CONFIG_HOME",
      "NIX_STATE_HOME",
      "NIX_DATA_HOME",
    ])
      expect(env[name]).toMatch(/^\/ours\/nix-home\//);
    expect(env["NIX_USER_CONF_FILES"]).toBe("");
  });

  it("only adds flakes to the user's own Nix, once", async () => {
    const outer = { NIX_CONFIG: "cores = 1" };
    const env = await toolchainEnvironment("/ours", "/home", [nix("found")], outer);
    const expected = "cores = 1\nextra-experimental-features = nix-command flakes";
    expect(env["NIX_CONFIG"]).toBe(expected);
    expect(Object.keys(env).filter((name) => name.startsWith("NIX_"))).toEqual(["NIX_CONFIG"]);
    const again = await toolchainEnvironment("/ours", "/home", [nix("found")], env);
    expect(again["NIX_CONFIG"]).toBe(expected);
  });

  it("gives the engine its own home, and keeps it off PATH where its language host is bundled", async () => {
    const folder = temporaryFolder();
    const cli = writeProgram(path.join(folder, "bin", "pulumi"), ":");
    const alone = await toolchainEnvironment(folder, "/home", [fact("pulumi", "found", cli)], {});
    expect(alone).toMatchObject({
      PULUMI_HOME: "/home",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
    expect(alone).not.toHaveProperty("PULUMI_IGNORE_AMBIENT_PLUGINS");
    writeProgram(path.join(folder, "bin", "pulumi-language-nodejs"), ":");
    const bundled = await toolchainEnvironment(folder, "/home", [fact("pulumi", "found", cli)], {});
    expect(bundled).toHaveProperty("PULUMI_IGNORE_AMBIENT_PLUGINS", "true");
  });
});

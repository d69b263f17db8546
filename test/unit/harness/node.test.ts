import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { temporaryFolder } from "./toolchain/temporary.ts";

/** A machine with some Node.js and an npm whose registry has one package of each name. */
async function machine(node: string) {
  const root = temporaryFolder();
  const program = (name: string, text: string) => {
    writeFileSync(path.join(root, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(root, "bin", name), 0o755);
  };
  for (const folder of ["bin", "registry/package/bin"])
    mkdirSync(path.join(root, folder), { recursive: true });
  program("node", `echo ${node}`);
  program("npm", `cp "${root}/registry.tgz" "$PWD/$(echo "$3" | tr @ -).tgz"`);
  const packed = path.join(root, "registry", "package", "bin");
  for (const name of ["node", "npm-cli.js", "npx-cli.js"])
    writeFileSync(path.join(packed, name), "#!/bin/sh\necho v24.21.0\n");
  await execa("tar", ["-C", path.join(root, "registry"), "-czf", path.join(root, "registry.tgz"), "package"]);
  return root;
}

const integrityOf = (file: string) =>
  `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;

/** Uses Node.js on that machine, for which the packages of its registry are the right ones, or the real ones alone. */
async function useNode(root: string, right: boolean) {
  const integrity = right ? `integrity_of() { echo ${integrityOf(path.join(root, "registry.tgz"))}; }` : "";
  const script = `set -euo pipefail; . test/harness/node.sh; ${integrity}\nuse_node; command -v node; node --version`;
  return await execa("bash", ["--norc", "-c", script], {
    cwd: packageRoot(),
    env: {
      PATH: `${path.join(root, "bin")}:/usr/bin:/bin`,
      FLEET_TEST_TOOLCHAIN_DIR: path.join(root, "tools"),
    },
    extendEnv: false,
    reject: false,
  });
}

describe("use_node", () => {
  it("takes the machine's where it is new enough", async () => {
    const root = await machine("v22.18.0");
    expect((await useNode(root, true)).stdout).toBe(`${root}/bin/node\nv22.18.0`);
    expect(existsSync(path.join(root, "tools"))).toBe(false);
  });

  it.skipIf(process.platform !== "linux")("gets npm's package where it is older, once", async () => {
    const root = await machine("v22.9.0");
    const first = await useNode(root, true);
    const folder = readdirSync(path.join(root, "tools")).join();
    expect(folder).toMatch(/^node-24\.\d+\.\d+-linux-(x64|arm64)$/);
    expect(first.stdout).toBe(`${root}/tools/${folder}/bin/node\nv24.21.0`);
    expect(first.stderr).toMatch(/^pulumi-nixos: getting Node\.js 24\S+ into \S+, once$/);
    const second = await useNode(root, true);
    expect([second.stdout, second.stderr]).toEqual([first.stdout, ""]);
  });

  it.skipIf(process.platform !== "linux")("takes no other package than the expected one", async () => {
    const root = await machine("v18.20.8");
    const { exitCode, stderr } = await useNode(root, false);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/node-linux-\S+ \S+: the package is not the one that is expected/);
    expect(stderr).toContain("Node.js 22.18 or newer is needed");
    expect(stderr).toContain("this is v18.20.8");
    expect(readdirSync(path.join(root, "tools"))).toEqual([]);
  });
});

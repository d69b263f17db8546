import { readFileSync } from "node:fs";
import path from "node:path";
import { transform } from "esbuild";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const file = (name: string) => path.join(packageRoot(), "cli", name);
const manifest = z
  .object({ engines: z.object({ node: z.string() }), bin: z.object({ fleet: z.string() }) })
  .parse(JSON.parse(readFileSync(path.join(packageRoot(), "package.json"), "utf8")));
const needed = manifest.engines.node.replace(">=", "");

/** Runs code after `needs-node.cjs` in a Node.js that says it has this version. */
async function startAs(version: string, env: Record<string, string> = {}) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ["--eval", `${pretend} require(${JSON.stringify(file("needs-node.cjs"))}); console.log("went on");`],
    { reject: false, env },
  );
  return { exitCode, stdout, stderr };
}

describe("the version of Node.js", () => {
  it.each(["0.12.18", "10.24.1", "18.20.8", "20.20.2", "22.17.1"])(
    "%s is too old, which one line says",
    async (version) => {
      expect(await startAs(version)).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: `Node.js ${needed} or newer is needed and this is ${version}: install a newer one (https://nodejs.org) and let PATH find it first`,
      });
    },
  );

  it("ends a Pulumi program with the exit code to which Pulumi adds nothing", async () => {
    expect(await startAs("20.20.2", { PULUMI_CONFIG: "{}" })).toMatchObject({ exitCode: 32, stdout: "" });
  });

  it.each([`${needed}.0`, "22.20.1", "24.0.0", "100.0.0"])("%s will do", async (version) => {
    expect(await startAs(version)).toEqual({ exitCode: 0, stdout: "went on", stderr: "" });
  });

  it.each([manifest.bin.fleet, "cli/needs-node.cjs"])(
    "%s is read by every Node.js there was",
    async (name) => {
      const text = readFileSync(path.join(packageRoot(), name), "utf8");
      const as = async (target: string) => (await transform(text, { target })).code;
      // The same for both: there is nothing in it that would have to be written otherwise.
      expect(await as("es5")).toBe(await as("esnext"));
    },
  );

  it("is looked at before Pulumi's own code is loaded", () => {
    const project = readFileSync(path.join(packageRoot(), "Pulumi.yaml"), "utf8");
    expect(project).toContain("nodeargs: --require ./cli/needs-node.cjs\n");
  });
});

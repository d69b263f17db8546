import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { goModuleFolder, goModuleKey, goObstacle } from "../../../harness/toolchain/go-build.ts";
import { goMinimum, pulumiVersion } from "../../../harness/toolchain/pins.ts";
import { formatVersion, isAtLeast, parseVersion } from "../../../harness/toolchain/version.ts";
import { contextIn, temporaryFolder, writeProgram } from "./temporary.ts";

describe("goModuleKey", () => {
  it("changes with every file that is compiled, their names and what is asked for, and with nothing else", async () => {
    const module = temporaryFolder();
    const write = (name: string, text: string) => writeFileSync(path.join(module, name), text);
    mkdirSync(path.join(module, "inner"));
    write("go.mod", "module x");
    write("inner/a.go", "package a");
    const keys = [await goModuleKey(module, ["1"])];
    write("README.md", "words");
    expect(await goModuleKey(module, ["1"])).toBe(keys[0]);
    keys.push(await goModuleKey(module, ["2"]));
    write("inner/a.go", "package b");
    keys.push(await goModuleKey(module, ["1"]));
    write("go.sum", "");
    keys.push(await goModuleKey(module, ["1"]));
    write("inner/b.go", "");
    keys.push(await goModuleKey(module, ["1"]));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => /^[0-9a-f]{12}$/.test(key))).toBe(true);
  });
});

describe("goObstacle", () => {
  it("asks for a Go that is new enough", async () => {
    const root = temporaryFolder();
    const go = writeProgram(path.join(root, "bin", "go"), "echo go version go1.22.1 linux/amd64");
    const context = contextIn(path.join(root, "ours"), { path: [path.dirname(go)] });
    expect(await goObstacle(context)).toContain("is 1.22.1, older than");
    expect(await goObstacle(contextIn(root))).toContain("no go on PATH; Go ");
    writeProgram(go, `echo go version go${goMinimum} linux/amd64`);
    expect(await goObstacle(context)).toBeUndefined();
  });
});

describe("a Go command that fails", () => {
  it("is told with the error that a long backtrace follows", async () => {
    const root = temporaryFolder();
    const backtrace = "for i in 1 2 3 4 5 6 7 8 9; do echo goroutine $i; done";
    const go = writeProgram(
      path.join(root, "bin", "go"),
      `{ echo 'go: error: y'; ${backtrace}; } >&2; exit 1`,
    );
    const context = contextIn(path.join(root, "ours"), { path: [path.dirname(go)] });
    await expect(goModuleFolder(root, "example.test/x", context)).rejects.toThrow(
      new RegExp(`^go list in ${path.basename(root)}: go: error: y\\n  goroutine 1\\n  goroutine 2\\n`),
    );
  });
});

describe("the Go modules", () => {
  const harness = new URL("../../../harness/", import.meta.url);
  const modules = [
    "toolchain/go/pulumi",
    "toolchain/go/language-nodejs",
    "toolchain/go/bridge",
    "plugins/command",
  ];
  const goMod = (module: string) => readFileSync(fileURLToPath(new URL(`${module}/go.mod`, harness)), "utf8");

  it.each(modules)("%s is pinned by a go.sum and needs no newer Go than is asked for", (module) => {
    expect(existsSync(fileURLToPath(new URL(`${module}/go.sum`, harness)))).toBe(true);
    const asked = parseVersion(/^go (.+)$/m.exec(goMod(module))?.[1] ?? "");
    if (asked === undefined) throw new Error(`${module} asks for no Go`);
    expect(isAtLeast(parseVersion(goMinimum) ?? [0, 0, 0], formatVersion(asked))).toBe(true);
    expect(goMod(module)).toMatch(/^module pulumi-nixos\.test\//);
  });

  it("pin the CLI to the SDK's version", () => {
    expect(goMod(modules[0] ?? "")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}`);
  });
});

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../../engine/stack/outputs.ts";
import { createStack, type EngineRun, type StackFixture } from "./fixture.ts";

/** The secrets of a stack are looked for wherever they must not be. */
describe("secrets", () => {
  let fixture: StackFixture;
  let run: EngineRun;
  /** One line of the deploy key's private half that no other text contains. */
  let canaries: readonly string[];

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: {} });
    run = await fixture.up();
    const shown = await fixture.stack.exportStack();
    const clear = execFileSync("pulumi", ["stack", "export", "--show-secrets", "--stack", "test"], {
      cwd: fixture.project.folder,
      env: fixture.project.environment,
      encoding: "utf8",
    });
    canaries = [
      ...clear.matchAll(
        /-----BEGIN OPENSSH PRIVATE KEY-----(?:\\+n)([A-Za-z0-9+/=]+)(?:\\+n)([A-Za-z0-9+/=]+)/g,
      ),
    ]
      .map(([, , line = ""]) => line)
      .filter((line) => line.length > 40);
    expect(JSON.stringify(shown)).toContain("ciphertext");
  });
  afterAll(() => fixture.close());

  it("are there to be looked for: deploy key, bootstrap key and host key", () => {
    expect(run.ok, run.output).toBe(true);
    expect(new Set(canaries).size).toBeGreaterThanOrEqual(3);
  });

  it("are not in the state in clear", async () => {
    const state = JSON.stringify(await fixture.stack.exportStack());
    for (const canary of canaries) expect(state).not.toContain(canary);
  });

  it("are not in what is printed", () => {
    for (const canary of canaries) expect(run.output).not.toContain(canary);
  });

  it("are not in any file of the project in clear, logs included", () => {
    for (const file of filesBelow(fixture.project.folder))
      for (const canary of canaries) expect(readFileSync(file, "latin1").includes(canary), file).toBe(false);
  });

  it("are not in the Nix store", () => {
    const found = canaries.flatMap((canary) => filesWith(canary, "/nix/store"));
    expect(found).toEqual([]);
  });

  it("leave readable outputs readable", async () => {
    const outputs = await fixture.stack.outputs();
    expect(outputs["hosts"]?.secret).toBe(false);
    expect(outputs["next"]?.secret).toBe(false);
    expect(outputs["access"]?.secret).toBe(true);
    const { folder, environment } = fixture.project;
    const read = await readStackOutputs({ projectRoot: folder, stack: "test", environment });
    expect(read.access.privateKey).toContain("OPENSSH PRIVATE KEY");
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((entry) => path.join(folder, entry))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

function filesWith(text: string, folder: string): string[] {
  try {
    return execFileSync("grep", ["-rlF", "--", text, folder], { encoding: "utf8" }).trim().split("\n");
  } catch {
    return []; // grep's exit code for "nothing found"
  }
}

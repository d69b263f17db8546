import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../../runtime/pulumi/outputs.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import type { EngineRun } from "./test-stack.ts";

/** The secrets of a stack are looked for wherever they must not be. */
describe("secrets", () => {
  let fixture: StackFixture;
  let run: EngineRun;
  /** One line of the deploy key's private half that no other text contains. */
  let canaries: readonly string[];
  let stateInClear: string;

  function exportState(...options: string[]): string {
    const { folder, environment } = fixture.project;
    const command = ["stack", "export", "--stack", "test", ...options];
    return execFileSync("pulumi", command, { cwd: folder, env: environment, encoding: "utf8" });
  }

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: {} });
    run = await fixture.up();
    stateInClear = exportState("--show-secrets");
    canaries = keyLines(stateInClear);
  });
  afterAll(() => fixture.close());

  it("are there to be looked for: deploy key, bootstrap key and host key", () => {
    expect(run.ok, run.output).toBe(true);
    expect(canaries.length).toBeGreaterThanOrEqual(3);
  });

  it("are not in the state in clear", () => {
    const state = exportState();
    expect(state.includes("ciphertext")).toBe(true);
    expect(canaries.filter((canary) => state.includes(canary))).toEqual([]);
    expect(canaries.filter((canary) => !stateInClear.includes(canary))).toEqual([]);
  });

  it("are not in what is printed", () => {
    expect(canaries.filter((canary) => run.output.includes(canary))).toEqual([]);
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
    const { folder, environment } = fixture.project;
    const options = { cwd: folder, env: environment };
    const { stdout } = await execa("pulumi", ["stack", "output", "--json", "--stack", "test"], options);
    const shown: unknown = JSON.parse(stdout);
    expect(shown).toMatchObject({
      hosts: { web: { address: expect.any(String) } },
      nextSteps: expect.arrayContaining([expect.any(String)]),
      credentials: "[secret]",
    });
    const read = await readStackOutputs({ projectRoot: folder, stack: "test", environment });
    expect(read.credentials.privateKey).toContain("OPENSSH PRIVATE KEY");
  });
});

/** Second lines of all OpenSSH private keys in a text, however deep their line ends are escaped. */
function keyLines(text: string): string[] {
  const end = String.raw`(?:\\+n)`;
  const key = new RegExp(
    `BEGIN OPENSSH PRIVATE KEY-----${end}[A-Za-z0-9+/=]+${end}([A-Za-z0-9+/=]{40,})`,
    "g",
  );
  return [...new Set([...text.matchAll(key)].map(([, line = ""]) => line))];
}

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

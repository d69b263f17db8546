import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";

const value = "correct horse battery staple";

/** Previews only: nothing here creates a server. In order. */
describe("a secret of the stack's file", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
  });
  afterAll(() => fixture.close());

  function pulumi(args: readonly string[], input = ""): { code: number | null; output: string } {
    const { folder, environment } = fixture.project;
    const run = spawnSync("pulumi", [...args, "--stack", "test", "--non-interactive"], {
      cwd: folder,
      env: environment,
      encoding: "utf8",
      input,
    });
    return { code: run.status, output: `${run.stdout}${run.stderr}` };
  }

  it("that no setting may name yet is an error which says how to set it", () => {
    fixture.configure({ web: { diskKeys: { "/tmp/disk.key": "web-disk" } } });
    const { code, output } = pulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(output).toContain('fleet:hosts.web.diskKeys["/tmp/disk.key"]: names the secret "web-disk"');
    const way = /to set it: pulumi (config set --secret --path fleet:secrets\.web-disk)$/m.exec(output)?.[1];
    const set = pulumi(way?.split(" ") ?? [], value);
    expect(set.code, set.output).toBe(0);
    const file = readFileSync(path.join(fixture.project.folder, "Pulumi.test.yaml"), "utf8");
    expect(file).toMatch(/fleet:secrets:\s+web-disk:\s+secure: v1:/);
  });

  it("satisfies the setting that names it, and shows its value nowhere", () => {
    const { code, output } = pulumi(["preview"]);
    expect(code, output).toBe(0);
    expect(output).not.toContain(value);
  });

  it("is refused as soon as a neighbour of it is plain text, which Pulumi alone does not tell", () => {
    const set = pulumi(["config", "set", "--path", "fleet:secrets.other", "some plain text"]);
    expect(set.code, set.output).toBe(0);
    const { code, output } = pulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(output).toContain("the configuration has 1 error; nothing was changed:");
    expect(output).toContain("fleet:secrets.other: is plain text");
    expect(output).not.toContain("some plain text");
  });
});

import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";

/** Previews only: nothing here creates a server. */
describe("a configuration", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
  });
  afterAll(() => fixture.close());

  /** `pulumi preview` as a person runs it, with its exit code. */
  function preview() {
    const { folder, environment } = fixture.project;
    const run = spawnSync("pulumi", ["preview", "--stack", "test", "--non-interactive"], {
      cwd: folder,
      env: environment,
      encoding: "utf8",
    });
    return { code: run.status, output: `${run.stdout}${run.stderr}` };
  }

  it("with faults names all of them at once, registers nothing, and fails", () => {
    fixture.configure(
      {
        web: { locatoin: "nbg1", tags: "a" },
        db: { location: "moon", formerly: ["web"] },
        Bad_Name: {},
      },
      { "fleet:unknown": true },
    );
    const { code, output } = preview();
    expect(code).not.toBe(0);
    expect(output).toContain("the configuration has 6 faults; nothing was changed:");
    for (const line of [
      "fleet:hosts.Bad_Name: as a host name, must be",
      'fleet:hosts.db.location: Invalid option: expected one of "ash"',
      'fleet:hosts.db.formerly[0]: is the name of host "web" too',
      "fleet:hosts.web.locatoin: is no known setting; did you mean",
      "fleet:hosts.web.tags: Invalid input: expected array",
      "fleet:unknown: is no known setting",
    ])
      expect(output).toContain(line);
    expect(output).not.toContain("hcloud:index");
    expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("with a host that the flake does not have says which hosts it has", () => {
    fixture.configure({ wbe: {}, db: {}, mail: { flake: "./nowhere" } });
    const { code, output } = preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'fleet:hosts.wbe.flake: the flake ./hosts has no nixosConfigurations.wbe; did you mean "web"?',
    );
    expect(output).toContain("fleet:hosts.mail.flake: ");
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("without a token says which key to set, and how", () => {
    fixture.configure({ web: {} }, { "hcloud:token": "" });
    const { code, output } = preview();
    expect(code).not.toBe(0);
    expect(output).toContain("hcloud:token: is not set");
    expect(output).toContain("pulumi config set --secret hcloud:token");
  });
});

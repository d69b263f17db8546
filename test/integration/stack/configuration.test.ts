import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { createStack, type StackFixture } from "./fixture.ts";

/** Previews only: nothing here creates a server. */
describe("a configuration", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
  });
  afterAll(() => fixture.close());

  /** `pulumi preview` as a person runs it, with its exit code. */
  async function preview() {
    const { folder, environment } = fixture.project;
    const run = await execa("pulumi", ["preview", "--stack", "test", "--non-interactive"], {
      ...{ cwd: folder, env: environment, extendEnv: false, reject: false },
    });
    return { code: run.exitCode, output: `${run.stdout}${run.stderr}` };
  }

  it("with errors names all of them at once, registers nothing, and fails", async () => {
    fixture.configure(
      {
        web: { locatoin: "nbg1", tags: "a" },
        db: { location: "moon", aliases: ["web"] },
        Bad_Name: {},
      },
      { "fleet:unknown": true },
    );
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("the configuration has 6 errors; nothing was changed:");
    for (const line of [
      "fleet:hosts.Bad_Name: as a host name, must be",
      "fleet:hosts.db.location: must be one of ash, fsn1",
      'fleet:hosts.db.aliases[0]: is the name of host "web" too',
      "fleet:hosts.web.locatoin: is not a valid setting; did you mean",
      "fleet:hosts.web.tags: must be a list, and is a text",
      "fleet:unknown: is not a valid setting",
    ])
      expect(output).toContain(line);
    expect(output).not.toContain("hcloud:index");
    expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("with a host that the flake does not have says which hosts it has", async () => {
    fixture.configure({ wbe: {}, db: {}, mail: { flake: "./nowhere" } });
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'fleet:hosts.wbe.flake: the flake ./hosts has no nixosConfigurations.wbe; did you mean "web"?',
    );
    expect(output).toContain("fleet:hosts.mail.flake: ");
    expect(fixture.cloud.journal.entries().filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("that wants what the cloud does not have is refused with what comes near, also together with other errors", async () => {
    fixture.configure({
      "web-{1..3}": { flake: "./hosts#web", serverType: "cx22" },
      db: { serverType: "cax11", location: "ash", flake: "./hosts#bd" },
    });
    fixture.cloud.journal.clear();
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("the configuration has 3 errors; nothing was changed:");
    expect(output).toContain(
      'fleet:hosts.web-1.serverType: Hetzner has no server type "cx22"; did you mean "cx23"? (and 2 more hosts)',
    );
    expect(output).toContain(
      'fleet:hosts.db.serverType: "cax11" is not offered in ash, but in fsn1, hel1 and nbg1',
    );
    expect(output).toContain('has no nixosConfigurations.bd; did you mean "db"?');
    expect(output).not.toContain("hcloud:index");
    expect(
      fixture.cloud.journal
        .entries()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["/images", "/locations", "/server_types"]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });

  it("is asked for once: what was found right is not asked for again, what is new is", async () => {
    fixture.configure({ web: {} });
    expect((await preview()).code).toBe(0);
    fixture.cloud.journal.clear();
    expect((await preview()).code).toBe(0);
    expect(fixture.cloud.journal.entries()).toEqual([]);
    fixture.configure({ web: {}, db: { serverType: "cx99" } });
    const { code, output } = await preview();
    expect([code === 0, output.includes("fleet:hosts.db.serverType: ")]).toEqual([false, true]);
    expect(fixture.cloud.journal.entries()).not.toEqual([]);
  });

  it("is only warned of where the cloud gives no answer, and refused where it refuses the token", async () => {
    fixture.configure({ db: { serverType: "cx99" } }, { "hcloud:endpoint": "http://127.0.0.1:9/v1" });
    const deaf = await preview();
    expect(deaf.code, deaf.output).toBe(0);
    expect(deaf.output).toContain("Hetzner could not be asked whether it has the places, types and images");
    fixture.configure({ db: {} }, { "hcloud:token": "0".repeat(64) });
    const refused = await preview();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("hcloud:token: is refused by Hetzner");
  });

  it("without a token says which key to set, and how", async () => {
    fixture.configure({ web: {} }, { "hcloud:token": "" });
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    expect(output).toContain("hcloud:token: is not set");
    expect(output).toContain("pulumi config set --secret hcloud:token");
  });

  it("for many hosts is listed as what it stands for, without a secret and before anything exists", async () => {
    const tags = { edge: { location: "fsn1", elevatePassword: "sudo" } };
    const web = { tags: ["edge"], flake: "./hosts#web", ssh: { user: "ops" } };
    const hosts = { "web-{1..2}": web, db: { count: 2 } };
    fixture.configure(hosts, { "fleet:tags": tags, "fleet:rollout": { canary: ["web-2"] } });
    const { environment, folder } = fixture.project;
    const { PULUMI_CONFIG_PASSPHRASE: _, ...locked } = environment;
    fixture.cloud.journal.clear();
    const list = (...args: string[]) =>
      execa(
        process.execPath,
        [path.join(packageRoot(), "cli", "bin.mjs"), "--stack", "test", "hosts", "--configured", ...args],
        {
          ...{ cwd: folder, env: locked, extendEnv: false, reject: false },
        },
      );
    const all = await list();
    expect(all.stderr).not.toContain("failed");
    const rows = all.stdout.split("\n").filter((line) => / (web|db)-\d /.test(line));
    expect(
      rows.map((line) =>
        line
          .split("│")
          .map((cell) => cell.trim())
          .slice(1, -1),
      ),
    ).toEqual([
      ["db-1", "hetzner", "cx23 in nbg1", "./hosts#db-1", "", "rest"],
      ["db-2", "hetzner", "cx23 in nbg1", "./hosts#db-2", "", "rest"],
      ["web-1", "hetzner", "cx23 in fsn1", "./hosts#web", "edge", "rest"],
      ["web-2", "hetzner", "cx23 in fsn1", "./hosts#web", "edge", "canary"],
    ]);
    const some = JSON.parse((await list("@edge", "--json")).stdout);
    expect(Object.keys(some)).toEqual(["web-1", "web-2"]);
    fixture.configure({ "web-{1..2}": { location: "moon" } });
    const refused = await list();
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("reading the configuration failed: the configuration has 1 error");
    expect(refused.stderr).toContain('fleet:hosts["web-{1..2}"].location: must be one of ash');
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("for many hosts is previewed with all of them", async () => {
    fixture.configure({ "web-{1..3}": { flake: "./hosts#web" } });
    const { code, output } = await preview();
    expect(code, output).toBe(0);
    for (const name of ["web-1", "web-2", "web-3"]) expect(output).toContain(`${name}-instance`);
  });
});

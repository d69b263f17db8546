import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** One host at a time has an error; what the others do is checked as closely as what it reports. */
describe("a host with an error", () => {
  let fixture: StackFixture;
  let webLife: Awaited<ReturnType<typeof lifeOf>>;

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: {}, db: {} });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    webLife = await lifeOf(fixture, "web");
  });
  afterAll(() => fixture.close());

  const machineOf = (host: string) => {
    const server = fixture.cloud.inventory().find(({ kind, name }) => kind === "servers" && name === host);
    const machine = server === undefined ? undefined : fixture.machines.find(`hc-${server.id}`);
    if (machine === undefined) throw new Error(`the cloud has no machine for ${host}`);
    return machine;
  };
  const note = (text: string) => `{\n  environment.etc."note".text = "${text}";\n`;
  const inject = (fault: string) => `{\n  faults.inject = "${fault}";\n`;

  it("whose configuration does not evaluate is named with Nix's own message, and the others deploy", async () => {
    fixture.project.editHosts("web/default.nix", "{\n", "{\n  services.httpd.pgae = 1;\n");
    fixture.project.editHosts("db/default.nix", "{\n", note("one"));
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.changes).toEqual({ "db-deployment-run": "replace" });
    expect(run.output).toMatch(/web: evaluat\w+ failed|web: .*evaluat/);
    expect(run.output).toContain("services.httpd.pgae");
    expect(run.output).not.toMatch(/^\s+at .*\.ts:\d+/m);
    const shown = run.output.split("\n").filter((line) => line.includes("option `services.httpd.pgae'"));
    // Once where it happens and once in Pulumi's own summary at the end.
    expect(shown.length).toBeLessThanOrEqual(2);
    expect(await lifeOf(fixture, "web")).toEqual(webLife);

    fixture.project.editHosts("web/default.nix", "  services.httpd.pgae = 1;\n", "");
    const next = await fixture.preview();
    expect(next.ok, next.output).toBe(true);
    // Pulumi removes what was replaced at the end of an update, which this one did not reach.
    expect(next.changes).toEqual({ "db-deployment-run": "delete-replaced" });
  });

  it("whose build fails says why, keeps what it runs, and recovers", async () => {
    fixture.project.editHosts("web/default.nix", "{\n", inject("build"));
    const failed = await fixture.up();
    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/web: build\w* .*failed/);
    expect(await lifeOf(fixture, "web")).toEqual(webLife);

    fixture.project.editHosts("web/default.nix", '  faults.inject = "build";\n', "");
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 2");
  });

  it("whose activation fails is back on its old system, and recovers", async () => {
    const before = await lifeOf(fixture, "web");
    fixture.project.editHosts("web/default.nix", "{\n", inject("activation"));
    const failed = await fixture.up();
    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/web: activation/);
    expect(await lifeOf(fixture, "web")).toEqual(before);
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 2");

    fixture.project.editHosts("web/default.nix", '  faults.inject = "activation";\n', "");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expectUnchanged(await fixture.preview());
  });

  it("whose install fails leaves the others alone, and installs once it is mended", async () => {
    const dbLife = await lifeOf(fixture, "db");
    fixture.configure({ web: {}, db: {}, new: { flake: "./hosts#baddisk" } });
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    expect(refused.output).toContain(
      "new: install, phase facts, failed: this cannot work; nothing was changed",
    );
    expect(refused.output).toContain("/dev/does-not-exist");

    fixture.configure({ web: {}, db: {}, new: { flake: "./hosts#web" } });
    await machineOf("new").faults.onCommand("-disko$", { kind: "fail", exitCode: 3 }, 1);
    const failed = await fixture.up();
    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/new: install, phase disko, failed/);

    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).not.toHaveProperty("web-install-run");
    expect((await lifeOf(fixture, "new")).system).toBe((await fixture.host("new")).system);
    expect(await lifeOf(fixture, "db")).toEqual(dbLife);
  });
});

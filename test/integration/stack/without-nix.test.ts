import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentWithoutNix } from "../../harness/project/without-nix.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** A host that is slow to answer, while other tests are run, is not gone. */
const patient = { "fleet:deadlines": { preview: { host: 60 } } };

/** One operator has Nix and one has none; both work on one stack. In order. */
describe("an operator without Nix", () => {
  let fixture: StackFixture;
  let withNix: Record<string, string>;
  let withoutNix: Record<string, string>;

  beforeAll(async () => {
    fixture = await createStack();
    withNix = { ...fixture.project.environment };
    withoutNix = environmentWithoutNix(withNix, path.join(fixture.project.folder, "without-nix"));
    withoutNixHere();
  });
  afterAll(() => fixture.close());

  function withoutNixHere(): void {
    fixture.useEnvironment(withoutNix);
  }
  /** What another operator's clone does not have. */
  function forget(): void {
    rmSync(path.join(fixture.project.folder, ".fleet"), { recursive: true, force: true });
  }

  it("sees in the preview of a new host that its system is unknown until the server is there", async () => {
    fixture.configure({ web: {} }, patient);
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toContain(
      "Nix is not installed on this machine: systems are evaluated and built on other machines",
    );
    expect(run.output).toContain(
      'web: the system is unknown until server "web" exists and runs the installer',
    );
  });

  it("installs it: evaluated and built in its own installer", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const { address, system } = await fixture.host("web");
    expect(await pageOf(address)).toBe("Hello from web, version 1");
    expect((await lifeOf(fixture, "web")).system).toBe(system);
    expect(run.output).toContain("starting the host's installer to evaluate there");
    expect(run.output).toContain("builds on the host itself: Nix is not installed on this machine");
  });

  it("changes nothing with the next up, nor without what the first one remembered", async () => {
    expectUnchanged(await fixture.up());
    forget();
    expectUnchanged(await fixture.preview());
  });

  it("deploys a change, evaluated and built on the host", async () => {
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const preview = await fixture.preview();
    expect(preview.changes).toEqual({ "web-deployment-run": "replace" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 2");
  });

  it("has one host evaluate for the others", async () => {
    fixture.configure({ web: {}, db: {} }, patient);
    const preview = await fixture.preview();
    expect(preview.ok, preview.output).toBe(true);
    expect(Object.keys(preview.changes).filter((name) => name.startsWith("web"))).toEqual([]);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).not.toContain("starting the host's installer to evaluate there");
    expect((await lifeOf(fixture, "db")).system).toBe((await fixture.host("db")).system);
  });

  it("leaves nothing to do for one with Nix, and the other way round", async () => {
    fixture.useEnvironment(withNix);
    expectUnchanged(await fixture.preview());
    fixture.project.editHosts("web/default.nix", "version 2", "version 3");
    const run = await fixture.up();
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    withoutNixHere();
    forget();
    const preview = await fixture.preview();
    expectUnchanged(preview);
    expectUnchanged(await fixture.up());
  });

  it("is told of an error of the configuration, at its host", async () => {
    fixture.project.editHosts("web/default.nix", "version 3", `version \${throw "no such version"}`);
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("web: evaluation failed: no such version");
    fixture.project.editHosts("web/default.nix", `version \${throw "no such version"}`, "version 4");
  });

  it("previews what is deployed where nobody can evaluate, says so, and deploys nothing by a guess", async () => {
    fixture.configure(
      { web: {}, db: {} },
      { "fleet:deadlines": { preview: { host: 5 }, deploy: { contact: 5 } } },
    );
    for (const host of ["web", "db"]) {
      const { id } = await fixture.host(host);
      await fixture.machines.find(`hc-${id}`)?.powerOff();
    }
    forget();
    const preview = await fixture.preview();
    expect(preview.ok, preview.output).toBe(true);
    expect(preview.changes).toEqual({});
    expect(preview.output).toContain(
      "web: cannot determine whether its system changes; the preview continues with the one deployed last",
    );
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(run.changes).toEqual({});
    for (const host of ["web", "db"])
      expect(run.output).toContain(`${host}: evaluation without a local Nix failed`);
    expect(run.output).toContain("no machine can evaluate");
  });
});

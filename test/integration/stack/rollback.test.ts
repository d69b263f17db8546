import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { createNixosMachines, type NixosMachines } from "./nixos-machines.ts";
import { expectUnchanged } from "./unchanged.ts";

const names = ["r1", "r2", "r3"];
const fleet = path.join(packageRoot(), "cli", "bin.mjs");

/** An update that nobody wants any more is taken back on the hosts it reached. In order. */
describe("fleet rollback --last-update", () => {
  let fixture: StackFixture;
  let machines: NixosMachines;
  const versions: string[] = [];

  const configure = (settings: Readonly<Record<string, object>> = {}) =>
    machines.configure(settings, {
      "fleet:deadlines": { deploy: { contact: 60, confirm: 60 } },
      "fleet:defaults": { health: { checks: [{ http: { url: "http://localhost/" } }] } },
    });

  beforeAll(async () => {
    fixture = await createStack();
    machines = await createNixosMachines(fixture, names, 20);
    configure();
  });
  afterAll(() => fixture?.close());

  async function type(...words: string[]) {
    const { folder, environment } = fixture.project;
    const child = spawn("node", [fleet, "--stack", "test", "rollback", "--last-update", ...words], {
      cwd: folder,
      env: { ...environment, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, output: `${stdout}${stderr}` };
  }
  const editPage = (from: number, to: number) =>
    fixture.project.editHosts("web/default.nix", `version ${from}`, `version ${to}`);
  const systems = async () => Promise.all(names.map(async (host) => (await lifeOf(fixture, host)).system));
  const historyOf = async (host: string) =>
    (await machines.machine(host).console(["cat", "/var/lib/fleet/history.jsonl"]))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("takes back only what the last update has changed, asked for", async () => {
    const first = await fixture.up();
    expect(first.ok, first.output).toBe(true);
    versions.push((await fixture.host("r1")).system);
    editPage(1, 2);
    // r3 stays as it is.
    configure({ r3: { flake: undefined, system: versions[0] ?? "" } });
    const second = await fixture.up();
    expect(second.ok, second.output).toBe(true);
    versions.push((await fixture.host("r1")).system);
    const asked = await type();
    expect(asked.code).toBe(1);
    expect(asked.output).toContain("Roll back 2 hosts? not a terminal");
    expect(asked.output).not.toContain(" r3 ");
    expect(await systems()).toEqual([versions[1], versions[1], versions[0]]);
    const answer = await type("--yes");
    expect(answer.code, answer.output).toBe(0);
    expect(answer.stdout).toMatch(/ r1 +│ rolled back /);
    expect(answer.stdout).toMatch(/ r2 +│ rolled back /);
    expect(await systems()).toEqual([versions[0], versions[0], versions[0]]);
    const last = (await historyOf("r1")).at(-1);
    expect(last).toMatchObject({
      ...{ outcome: "deployed", from: versions[1], to: versions[0] },
      request: { operation: "rollback", checks: ["http http://localhost/"] },
    });
  });

  it("is told by the next preview as drift, with whose doing it was", async () => {
    const preview = await fixture.preview();
    expect(preview.ok, preview.output).toBe(true);
    expect(preview.changes).toEqual({});
    for (const host of ["r1", "r2"])
      expect(preview.output).toMatch(new RegExp(`${host}[\\s\\S]*drift[\\s\\S]*through fleet rollback, by `));
  });

  it("takes back nothing further when it is typed again", async () => {
    const answer = await type("--yes");
    expect(answer).toMatchObject({ code: 0 });
    expect(answer.output).toContain("no update is known that could be rolled back");
    expect(await systems()).toEqual([versions[0], versions[0], versions[0]]);
  });

  it("is followed by the old configuration without an activation, and by a preview that is content", async () => {
    editPage(2, 1);
    const activations = () => machines.machine("r1").console(["cat", "/var/log/activations"]);
    const made = await activations();
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "r1-deployment-run": "replace", "r2-deployment-run": "replace" });
    expect(await activations()).toEqual(made);
    const preview = await fixture.preview();
    expectUnchanged(preview);
    expect(preview.output).not.toContain("drift");
  });

  it("takes back what it can: not a dead host, nor one that somebody else has changed; the rest later", async () => {
    configure();
    editPage(1, 3);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    versions.push((await fixture.host("r1")).system);
    await machines.machine("r1").powerOff();
    const before: string = (await historyOf("r2"))[0].from;
    const foreign = `nix-env -p /nix/var/nix/profiles/system --set ${before} && ${before}/bin/switch-to-configuration switch`;
    await machines.machine("r2").console(["bash", "-lc", foreign]);
    const answer = await type("--yes", "--json");
    expect(answer.code).toBe(1);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      results: [{ host: "r3", outcome: "rolled-back", from: versions[2], to: versions[0] }],
      obstacles: [
        { host: "r1", reason: expect.stringContaining("cannot be reached") },
        { host: "r2", reason: expect.stringContaining("another system activated since") },
      ],
    });
    await machines.machine("r1").powerOn();
    const later = await type("--yes", "r1", "r3");
    expect(later.code, later.output).toBe(0);
    expect(later.stdout).toMatch(/ r1 +│ rolled back /);
    expect(await systems()).toEqual([versions[0], before, versions[0]]);
  });
});

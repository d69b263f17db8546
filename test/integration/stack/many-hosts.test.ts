import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SshCommand } from "../../harness/machines/machine-files.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { createNixosMachines, type NixosMachines } from "./nixos-machines.ts";
import type { EngineRun } from "./test-stack.ts";

const names = Array.from({ length: 20 }, (_, index) => `h${String(index + 1).padStart(2, "0")}`);
const canaries = names.slice(0, 2);
const second = names.slice(2, 8);
const rest = names.slice(8);
const minutes = 60_000;

/** Twenty hosts in three waves, one of them dead and one failing. In order. */
describe("twenty hosts", { timeout: 15 * minutes }, () => {
  let fixture: StackFixture;
  let machines: NixosMachines;

  const configure = (settings: Readonly<Record<string, object>> = {}) =>
    machines.configure(
      Object.fromEntries(
        names.map((name) => [name, { tags: second.includes(name) ? ["second"] : [], ...settings[name] }]),
      ),
      {
        "fleet:rollout": { canary: canaries, waves: ["@second"], soak: 1, maxParallel: 6 },
        "fleet:deadlines": { deploy: { contact: 60, confirm: 60 } },
      },
    );

  beforeAll(async () => {
    fixture = await createStack();
    machines = await createNixosMachines(fixture, names, 20);
    configure();
  }, 10 * minutes);
  afterAll(() => fixture?.close());

  const deployed = (run: EngineRun) => run.created.filter((name) => name.endsWith("-deployment-run"));
  const runsOf = (hosts: readonly string[]) => hosts.map((host) => `${host}-deployment-run`);
  const systems = async (hosts: readonly string[]) =>
    new Set(await Promise.all(hosts.map(async (host) => (await lifeOf(fixture, host)).system)));
  /** What Pulumi says of each resource at the end. */
  const summaryOf = ({ output }: EngineRun) =>
    output.slice(output.lastIndexOf("\nDiagnostics:"), output.lastIndexOf("\nOutputs:"));
  const editPage = (from: number, to: number) =>
    fixture.project.editHosts("web/default.nix", `version ${from}`, `version ${to}`);

  it("are deployed wave by wave", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const order = run.created.filter((name) => /-deployment-run$|^gate-.*-run$/.test(name));
    expect(order.slice(0, 2).sort()).toEqual(runsOf(canaries));
    expect(order[2]).toBe("gate-canary-run");
    expect(order.slice(3, 9).sort()).toEqual(runsOf(second));
    expect(order[9]).toBe("gate-wave-1-run");
    expect(order.slice(10).sort()).toEqual(runsOf(rest));
    expect((await systems(names)).size).toBe(1);
  });

  it("of which one is dead and one fails: the other hosts are deployed, and both are named once", async () => {
    await machines.machine("h20").powerOff();
    configure({ h19: { flake: "./hosts#badactivate" } });
    editPage(1, 2);
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    const well = names.filter((name) => name !== "h19" && name !== "h20");
    expect(deployed(run).sort()).toEqual(runsOf(well));
    const now = await systems(well);
    expect(now.size).toBe(1);
    expect(now).not.toEqual(await systems(["h19"]));
    const summary = summaryOf(run);
    for (const [host, step] of [
      ["h19", "activation"],
      ["h20", "contact"],
    ])
      expect(summary.match(new RegExp(`${host}: ${step} failed`, "g")), summary).toHaveLength(1);
    for (const host of well) expect(summary).not.toContain(`${host}: `);
    expect(summary.split("\n").length, summary).toBeLessThan(60);
  });

  it("are completed by the next run: those two, and nobody else is touched", async () => {
    const commands = async () =>
      (await Promise.all(canaries.map((host) => machines.machine(host).sshCommands()))).flat();
    const before = await commands();
    await machines.machine("h20").powerOn();
    configure();
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployed(run).sort()).toEqual(runsOf(["h19", "h20"]));
    const locks = ({ command }: SshCommand) => command?.includes("fleet-hold-lock") === true;
    expect((await commands()).filter(locks)).toEqual(before.filter(locks));
    expect((await systems(names)).size).toBe(1);
  });

  it("of which one in the middle wave is dead: its wave is deployed, later waves are not", async () => {
    await machines.machine("h05").powerOff();
    editPage(2, 3);
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(deployed(run).sort()).toEqual(runsOf([...canaries, ...second].filter((host) => host !== "h05")));
    expect(summaryOf(run).match(/h05: contact failed/g)).toHaveLength(1);
    await machines.machine("h05").powerOn();
    const next = await fixture.up();
    expect(next.ok, next.output).toBe(true);
    expect(deployed(next).sort()).toEqual(runsOf(["h05", ...rest]));
    expect((await systems(names)).size).toBe(1);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../deploy/wait.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { createNixosMachines, type NixosMachines } from "./nixos-machines.ts";
import type { EngineRun } from "./test-stack.ts";
import { expectUnchanged } from "./unchanged.ts";

const names = ["c1", "a1", "a2", "z1", "z2"];
const soak = 3;

/** Waves on the real engine: canary c1, then what has the tag "a", then the rest. In order. */
describe("a rollout in waves", () => {
  let fixture: StackFixture;
  let machines: NixosMachines;

  const tagged = { a1: { tags: ["a"] }, a2: { tags: ["a"] } };
  const configure = (settings: Readonly<Record<string, object>> = {}, more: object = {}) => {
    const hosts = Object.fromEntries(
      names.map((name) => [name, { ...(name.startsWith("a") ? tagged.a1 : {}), ...settings[name] }]),
    );
    machines.configure(hosts, {
      "fleet:rollout": { canary: ["c1"], waves: ["@a"], soak, ...more },
      "fleet:deadlines": { deploy: { contact: 20, confirm: 20 } },
    });
  };

  beforeAll(async () => {
    fixture = await createStack();
    machines = await createNixosMachines(fixture, names, 20);
    configure();
  });
  afterAll(() => fixture?.close());

  const runs = (run: EngineRun) =>
    run.created.filter((name) => /-(deployment|gate).*-run$|^gate-.*-run$/.test(name));
  const deploymentsOf = (...hosts: string[]) => hosts.map((host) => `${host}-deployment-run`);
  const editPage = (from: number, to: number) =>
    fixture.project.editHosts("web/default.nix", `version ${from}`, `version ${to}`);
  const systems = async (...hosts: string[]) =>
    new Set(await Promise.all(hosts.map(async (host) => (await lifeOf(fixture, host)).system)));
  const gateLogs = () => {
    const folder = path.join(fixture.project.folder, ".fleet", "logs", "test", "_rollout");
    return readdirSync(folder)
      .map((name) => path.join(folder, name))
      .filter((file) => file.includes("-gate-"));
  };
  const commands = async () =>
    (await Promise.all(names.map((name) => machines.machine(name).sshCommands()))).flat();

  it("deploys one wave after the other, with a gate between", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const order = runs(run);
    expect(order.slice(0, 2)).toEqual(["c1-deployment-run", "gate-canary-run"]);
    expect(order.slice(2, 4).sort()).toEqual(deploymentsOf("a1", "a2"));
    expect(order[4]).toBe("gate-wave-1-run");
    expect(order.slice(5).sort()).toEqual(deploymentsOf("z1", "z2"));
    expect(await systems(...names)).toEqual(new Set([(await fixture.host("c1")).system]));
  });

  it("costs nothing where nothing changes: no gate, no soak, no connection", async () => {
    const before = await commands();
    expectUnchanged(await fixture.up());
    expect(await commands()).toEqual(before);
  });

  it("of one wave runs that wave's gate alone, and a wave's other settings run none", async () => {
    configure({ a2: { flake: "./hosts#db" } }, { soak: 1, maxParallel: 4 });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "a2-deployment-run": "replace", "gate-wave-1-run": "replace" });
    expect(runs(run)).toEqual(["a2-deployment-run", "gate-wave-1-run"]);
  });

  it("stops later waves at a host that fails, and leaves its wave alone, with --continue-on-error", async () => {
    configure({ a1: { flake: "./hosts#badactivate" } });
    editPage(1, 2);
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(run.output).toMatch(/a1: activation failed/);
    expect(runs(run)).toEqual(["c1-deployment-run", "gate-canary-run", "a2-deployment-run"]);
    const [old, now] = [await systems("a1", "z1", "z2"), await systems("c1", "a2")];
    expect([old.size, now.size]).toEqual([1, 1]);
    expect(old).not.toEqual(now);
  });

  it("goes on where it stopped, once the host is mended", async () => {
    configure();
    const preview = await fixture.preview();
    // The rest of the failed run's replacements, which delete nothing but records, shows up as well.
    const replaced = Object.keys(preview.changes).filter((name) => preview.changes[name] === "replace");
    expect(replaced.sort()).toEqual([...deploymentsOf("a1", "z1", "z2"), "gate-wave-1-run"].sort());
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(runs(run).slice(0, 2)).toEqual(["a1-deployment-run", "gate-wave-1-run"]);
    expect(await systems(...names)).toEqual(new Set([(await fixture.host("c1")).system]));
  });

  it("never begins with a host of the same wave that has not begun when one fails, without --continue-on-error", async () => {
    configure({ a1: { flake: "./hosts#badactivate" } }, { maxParallel: 1 });
    editPage(2, 3);
    // Evaluates both, so that neither is later than the gate: a1's turn then comes first.
    await fixture.preview();
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(runs(run)).toEqual(["c1-deployment-run", "gate-canary-run"]);
  });

  it("deploys no more hosts at once than it is told to", async () => {
    configure({}, { maxParallel: 1, soak: 0 });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const steps = run.output.matchAll(
      / (\w+)-deployment-run (creating|created) replacement(?! \(\d+s\) \w)/g,
    );
    const order = [...new Set([...steps].map(([, host, step]) => `${host} ${step}`))];
    const hosts = order.filter((step) => step.endsWith("creating")).map((step) => step.split(" ")[0]);
    expect([...hosts].sort()).toEqual(["a1", "a2", "z1", "z2"]);
    expect(order).toEqual(hosts.flatMap((host) => [`${host} creating`, `${host} created`]));
  });

  it("ends at a gate that sees a unit fail during the soak", async () => {
    configure({}, { soak: 60 });
    const script = "#!/bin/sh\nwhile ! [ -e /root/fail ]; do sleep 0.2; done\nexit 1\n";
    await machines.machine("c1").console(["sh", "-c", "cat >/root/late && chmod +x /root/late"], script);
    const late = '\n  systemd.services.late.serviceConfig.ExecStart = "/root/late";\n';
    fixture.project.editHosts("web/default.nix", "{\n", `{${late}`);
    const known = gateLogs();
    const update = fixture.up();
    const looked = () =>
      gateLogs().some((log) => !known.includes(log) && readFileSync(log, "utf8").includes(" to go"));
    await Promise.race([update, eventually(async () => looked(), 240)]);
    await machines.machine("c1").console(["touch", "/root/fail"]);
    const run = await update;
    expect(run.ok).toBe(false);
    expect(runs(run)).toEqual(["c1-deployment-run"]);
    expect(run.output).toContain("gate after canary failed: later waves are not deployed, because of");
    expect(run.output).toContain("c1: units failed during the soak: late.service");
    fixture.project.editHosts("web/default.nix", late, "\n");
  });

  it("says which gate a target goes past, and deploys the target", async () => {
    configure();
    editPage(3, 4);
    const run = await fixture.up({ target: ["**z1-deployment-run"] });
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "z1-deployment-run": "replace" });
    for (const wave of ["canary", "wave-1"])
      expect(run.output).toContain(`wave "${wave}" is not held for this run (--target)`);
    const rest = await fixture.up();
    expect(rest.output).not.toContain("is not held for this run");
    expect(rest.ok, rest.output).toBe(true);
    expect(await systems(...names)).toEqual(new Set([(await fixture.host("c1")).system]));
  });

  it("stops at a canary that does not evaluate, before anything of a later wave", async () => {
    configure({ c1: { flake: "./hosts#badeval" } });
    editPage(4, 5);
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(run.output).toContain("this host does not evaluate");
    expect(runs(run)).toEqual([]);
    configure();
    const mended = await fixture.up();
    expect(mended.ok, mended.output).toBe(true);
    expect(runs(mended)).toHaveLength(7);
  });
});

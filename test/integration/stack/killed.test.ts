import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { formattings } from "../install/installing.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

const fleet = path.join(packageRoot(), "cli", "bin.mjs");

/** `pulumi` is killed without a word; what it started must not go on beside the next run. */
describe("a killed pulumi", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
    // Nobody confirms for a killed operator: the host waits this long before it goes back, and so does the next run.
    fixture.configure({ web: {} }, { "fleet:deadlines": { deploy: { confirm: 20 } } });
  });
  afterAll(() => fixture.close());

  const options = () => ({ cwd: fixture.project.folder, env: fixture.project.environment });

  function unlock(...more: string[]) {
    const run = spawnSync("node", [fleet, "--stack", "test", "unlock", ...more], {
      ...options(),
      encoding: "utf8",
    });
    return { code: run.status, output: `${run.stdout}${run.stderr}` };
  }

  async function upUntil(pattern: RegExp): Promise<ChildProcess> {
    const child = spawn("pulumi", ["up", "--yes", "--skip-preview", "--stack", "test"], options());
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    for (let waited = 0; !pattern.test(output); waited += 50) {
      if (child.exitCode !== null || waited > 120_000) throw new Error(`never said ${pattern}: ${output}`);
      await pause(50);
    }
    return child;
  }

  const machine = () => {
    const server = fixture.cloud.inventory().find(({ kind, name }) => kind === "servers" && name === "web");
    const found = server === undefined ? undefined : fixture.machines.find(`hc-${server.id}`);
    if (found === undefined) throw new Error("the cloud has no machine for web");
    return found;
  };

  it("leaves a running update alone when asked to unlock", async () => {
    const child = await upUntil(/2\/7\] facts|3\/7\] kexec/);
    const refused = unlock("--yes");
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toContain("is being updated by");
    child.kill("SIGKILL");
  });

  it("says that the stack is locked, and how to free it", async () => {
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("locked");
    const freed = unlock("--yes");
    expect(freed.output).toContain("which no longer runs");
    expect(freed.output).toContain("is free");
    expect(freed.code).toBe(0);
    expect(unlock().output).toContain("is not locked");
  });

  it("is gone on with where it stopped", async () => {
    const child = await upUntil(/6\/7\] reboot/);
    child.kill("SIGKILL");
    expect(unlock("--yes").code).toBe(0);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const life = await lifeOf(fixture, "web");
    expect(life.system).toBe((await fixture.host("web")).system);
    expect(fixture.cloud.inventory().filter(({ kind }) => kind === "servers")).toHaveLength(1);
  });

  it("never wipes a second time what was installed, and never installs twice at once", async () => {
    // One formatting before each kill at the most, and the second kill came after it.
    expect(await formattings(machine())).toBe(1);
    const before = await lifeOf(fixture, "web");
    expectUnchanged(await fixture.up());
    expect(await lifeOf(fixture, "web")).toEqual(before);
    const runs = installLogs(path.join(fixture.project.folder, ".fleet", "logs", "test", "web"));
    expect(runs.length).toBeGreaterThanOrEqual(3);
    for (const [index, run] of runs.entries()) {
      const next = runs[index + 1];
      if (next !== undefined) expect(run.lastWord).toBeLessThanOrEqual(next.started);
    }
  });

  it("in the middle of an activation leaves one system, and the next up deploys", async () => {
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const child = await upUntil(/activating/);
    child.kill("SIGKILL");
    expect(unlock("--yes").code).toBe(0);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect((await lifeOf(fixture, "web")).system).toBe((await fixture.host("web")).system);
    expectUnchanged(await fixture.preview());
  });
});

/** Start and last output of every install of a host, oldest first, in milliseconds since the epoch. */
function installLogs(folder: string): { started: number; lastWord: number }[] {
  return readdirSync(folder)
    .filter((name) => name.includes("-install-"))
    .sort()
    .map((name) => {
      const [, day = "", hours = "", minutes = "", seconds = ""] =
        /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-([\d.]+)Z/.exec(name) ?? [];
      const started = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
      return { started, lastWord: statSync(path.join(folder, name)).mtimeMs };
    });
}

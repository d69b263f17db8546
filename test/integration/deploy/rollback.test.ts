import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultHealth } from "../../../model/config/settings/health.ts";
import type { Health } from "../../../model/health/check.ts";
import { redeployGeneration } from "../../../runtime/deploy/deploy.ts";
import { chooseGeneration, readGenerations } from "../../../runtime/operations/generations.ts";
import { readHistory } from "../../../runtime/operations/history.ts";
import { redeployBase } from "../../../runtime/operations/redeploy-base.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";

let scene: Scene;
const systems: string[] = [];
beforeAll(async () => {
  scene = await createScene("rollback", testAddress(36));
  for (const page of ["one", "two", "three"]) {
    const spec = await scene.spec(page);
    await scene.deploy(spec);
    systems.push(spec.system.toplevel);
  }
});
afterAll(() => scene?.close());

async function look() {
  const session = await openSession(scene.target(), { timeoutSeconds: 20 });
  try {
    return await readGenerations(session, { timeoutSeconds: 20 });
  } finally {
    await session.close();
  }
}

async function rollBack(to?: number, health: Health = defaultHealth) {
  const { state, generations } = await look();
  const { system, number } = chooseGeneration("web", generations, state, to);
  const { reporter } = scene.reporter();
  const base = redeployBase(scene.target({ health }), state, scene.logDirectory);
  return await redeployGeneration(base, { system, generation: number }, { reporter });
}

describe("generations", () => {
  it("are listed with what each of them is", async () => {
    const { generations } = await look();
    expect(generations.map(({ number, system }) => [number, system])).toEqual(
      systems.map((system, index) => [index + 1, system]),
    );
    expect(generations.map(({ roles }) => roles)).toEqual([
      ["booted"],
      [],
      ["runs", "next boot", "confirmed"],
    ]);
  });
});

describe("a rollback", () => {
  it("puts the generation before into force, boots it, and makes no new one", async () => {
    const copied = (await scene.commands()).filter((line) => line.includes("nix-daemon")).length;
    expect(await rollBack()).toMatchObject({ outcome: "deployed", system: systems[1], generation: 2 });
    expect(await scene.page()).toContain("two");
    const after = await scene.observe();
    expect([after.current, after.profile, after.bootEntry]).toEqual([systems[1], systems[1], systems[1]]);
    expect(after.generations).toEqual(["system-1-link", "system-2-link", "system-3-link"]);
    expect((await scene.commands()).filter((line) => line.includes("nix-daemon"))).toHaveLength(copied);
    expect(after.history.at(-1)).toMatchObject({
      outcome: "deployed",
      to: systems[1],
      request: { operation: "rollback" },
    });
  });

  it("goes to the generation that is asked for, forwards too", async () => {
    expect(await rollBack(3)).toMatchObject({ outcome: "deployed", generation: 3 });
    expect(await scene.page()).toContain("three");
    await expect(rollBack(9)).rejects.toThrow(/no generation 9[\s\S]*choose one of 1, 2, 3/);
  });

  it("has to be as healthy as a deployment", async () => {
    const check: Health["checks"][number] = {
      ...{ kind: "http", from: "target", url: "http://localhost/", status: [], body: "three" },
      ...{ responseHeaders: {}, requestHeaders: {}, insecure: false, timeout: 2, period: 0.5 },
    };
    const before = await scene.observe();
    await expect(
      rollBack(2, { ...defaultHealth, settle: 0.5, deadline: 4, checks: [check] }),
    ).rejects.toThrow(/not all checks hold[\s\S]*http:\/\/localhost\//);
    const { current, profile, bootEntry, generations, history } = await scene.observe();
    expect({ current, profile, bootEntry, generations }).toEqual({
      current: before.current,
      profile: before.profile,
      bootEntry: before.bootEntry,
      generations: before.generations,
    });
    expect(history.at(-1)).toMatchObject({
      ...{ reason: "check", reverted: "yes" },
      request: { operation: "rollback", checks: ["http http://localhost/"] },
    });
  });

  it("that nobody confirms changes nothing, and takes no generation away", async () => {
    const before = await scene.observe();
    await scene.faults.onCommand("fleet-signal-attempt [^ ]+ confirm ", { kind: "fail", exitCode: 255 });
    const { state, generations } = await look();
    const { system, number } = chooseGeneration("web", generations, state, 1);
    const { deploy } = await import("../../../runtime/deploy/deploy.ts");
    const spec = await scene.spec("one");
    const options = { ...scene.reporter(), present: { generation: number } };
    const attempt = deploy(
      {
        ...spec,
        system: { ...spec.system, toplevel: system },
        deadlines: { ...spec.deadlines, confirm: 2 },
      },
      options,
    );
    await expect(attempt).rejects.toThrow(/confirmation failed/);
    await scene.faults.clearCommandFaults();
    const { current, profile, bootEntry, generations: left } = await scene.observe();
    expect({ current, profile, bootEntry, generations: left }).toEqual({
      current: before.current,
      profile: before.profile,
      bootEntry: before.bootEntry,
      generations: before.generations,
    });
  });

  it("is followed by a deployment as by any other", async () => {
    await rollBack(1);
    const spec = await scene.spec("four");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed", generation: 4 });
  });
});

describe("the history", () => {
  it("tells every attempt, with what it was and how long its steps took", async () => {
    const read = await readHistory(scene.target(), { count: 3, timeoutSeconds: 20 });
    if (!read.reachable) throw new Error(read.seen);
    expect(read.entries.map(({ outcome, request }) => [outcome, request.operation])).toEqual([
      ["failed", "rollback"],
      ["deployed", "rollback"],
      ["deployed", "deploy"],
    ]);
    expect(Object.keys(read.entries.at(-1)?.durations ?? {})).toEqual(["activation", "health", "commit"]);
    expect(read.unreadable).toBe(0);
  });

  it("counts lines it does not understand, and goes on", async () => {
    await scene.web.machine.console(["bash", "-c", "echo '{}' >>/var/lib/fleet/history.jsonl"]);
    expect(await readHistory(scene.target(), { count: 2, timeoutSeconds: 20 })).toMatchObject({
      unreadable: 1,
    });
  });

  it("of a dead host says so", async () => {
    const dead = { ...scene.target(), connection: { ...scene.web.connection, address: testAddress(79) } };
    expect(await readHistory(dead, { count: 2, timeoutSeconds: 2 })).toMatchObject({ reachable: false });
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ActionLog } from "../../../../harness/cloud/hetzner/actions.ts";

function log(baseMs = 5): ActionLog {
  let id = 0;
  return new ActionLog(baseMs, () => {
    id += 1;
    return id;
  });
}

const server = { type: "server", id: 1 } as const;

describe("ActionLog", () => {
  it("runs, locks its server meanwhile, and succeeds", async () => {
    const actions = log();
    let worked = false;
    const action = actions.start({
      command: "reset_server",
      resources: [server],
      work: () => {
        worked = true;
      },
    });
    expect(action).toMatchObject({ status: "running", progress: 0, finished: null, error: null });
    expect(actions.isLocked("server", 1)).toBe(true);
    expect(actions.isLocked("server", 2)).toBe(false);
    expect(() => actions.requireUnlocked(server)).toThrow(/locked/);
    expect(worked).toBe(false);
    await actions.settle(1000);
    expect(worked).toBe(true);
    expect(actions.get(action.id)).toMatchObject({ status: "success", progress: 100, error: null });
    expect(actions.isLocked("server", 1)).toBe(false);
  });

  it("does not lock networks, which many servers join at once", () => {
    const actions = log();
    actions.start({ command: "attach_to_network", resources: [{ type: "network", id: 3 }] });
    expect(actions.isLocked("network", 3)).toBe(false);
  });

  it("takes at least its base time", async () => {
    const actions = log(60);
    const before = Date.now();
    actions.start({ command: "x", resources: [] });
    await actions.settle(1000);
    expect(Date.now() - before).toBeGreaterThanOrEqual(58);
  });

  it("ends in an error that says what failed", async () => {
    const actions = log();
    const { id } = actions.start({
      command: "start_server",
      resources: [server],
      work: async () => {
        throw new Error("no memory left");
      },
    });
    await actions.settle(1000);
    expect(actions.get(id)).toMatchObject({
      status: "error",
      error: { code: "action_failed", message: "start_server: no memory left" },
    });
    expect(actions.isLocked("server", 1)).toBe(false);
  });

  it("runs a sequence in order, locked to its end, and does not go on after a failure", async () => {
    const actions = log();
    const done: string[] = [];
    const step = (command: string, fails = false) => ({
      command,
      resources: [server],
      work: () => {
        if (fails) throw new Error("broken");
        done.push(command);
      },
    });
    const started = actions.sequence([step("a"), step("b", true), step("c")]);
    expect(started.map(({ status }) => status)).toEqual(["running", "running", "running"]);
    await actions.settle(1000);
    expect(done).toEqual(["a"]);
    expect(started.map(({ id }) => actions.get(id)?.status)).toEqual(["success", "error", "error"]);
    expect(actions.get(started[2]?.id ?? 0)?.error?.message).toContain("broken");
  });

  it("settle names what does not end in time", async () => {
    const actions = log();
    actions.start({ command: "slow_thing", resources: [], work: () => sleep(300) });
    await expect(actions.settle(30)).rejects.toThrow(/after 30 ms: slow_thing/);
    await actions.settle(2000);
  });
});

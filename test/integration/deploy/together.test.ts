import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { deploy } from "../../../runtime/deploy/deploy.ts";
import { acquireHostLock } from "../../../runtime/host/lock/host-lock.ts";
import { readStatus } from "../../../runtime/operations/status.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

/** The word that confirms, not the one that says after a way back that the host can be reached. */
const confirmation = "fleet-signal-attempt [^ ]+ confirm ";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("together", testAddress(33));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());
afterEach(() => scene.faults.clearCommandFaults());

const target = () => ({ host: "web", connection: scene.web.connection, hostKeys: [scene.web.hostKey] });
const isUnlocked = async () => {
  const [seen] = await readStatus([{ target: target(), wanted: null }]);
  return seen?.reachable === true && !seen.state.lock.held;
};
const owner = {
  operator: "ada@desk",
  pid: 7,
  stack: "pulumi-nixos/test",
  what: "deploy of web",
  since: "now",
};

describe("two operators", () => {
  it("at once: the second waits, both succeed, one after the other", async () => {
    const [first, second] = [await scene.spec("alpha"), await scene.spec("beta")];
    const reporters = [scene.reporter(), scene.reporter()];
    // The supervisor of the deployment before holds the lock for a moment longer than its operator waits.
    await eventually(isUnlocked, 20);
    const results = await Promise.all(
      [first, second].map((spec, index) => {
        const reporter = reporters[index]?.reporter;
        if (reporter === undefined) throw new Error("no reporter");
        return deploy(spec, { reporter });
      }),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["deployed", "deployed"]);
    const lines = reporters.flatMap((reporter) => reporter.lines);
    expect(lines.filter((line) => line.includes("waiting for the lock, held by root@"))).toHaveLength(1);
    const { history, current } = await scene.observe();
    const [before, last] = history.slice(-2);
    expect(last?.from).toBe(before?.to);
    expect(last?.to).toBe(current);
    expect([first.system.toplevel, second.system.toplevel].sort()).toEqual([before?.to, last?.to].sort());
  });

  it("and one does not end: the other is refused in time, and told who it is", async () => {
    const { reporter } = scene.reporter();
    const session = await openSession(target(), { timeoutSeconds: 20 });
    const lock = await acquireHostLock(session, { owner, waitSeconds: 1, reporter });
    const spec = await scene.spec("gamma");
    const before = await scene.observe();
    const started = Date.now();
    const error = await scene.refusal({ ...spec, deadlines: { ...spec.deadlines, lock: 2 } });
    expect(Date.now() - started).toBeLessThan(25_000);
    expect(error.failure).toMatchObject({ host: "web", step: "lock" });
    expect(error.failure.seen).toContain("still held by ada@desk (process 7, deploy of web");
    expect(await scene.observe()).toEqual(before);
    await lock.release();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await session.close();
  });

  it("and the connection of one breaks: the lock is free at once", async () => {
    const { reporter } = scene.reporter();
    const session = await openSession(target(), { timeoutSeconds: 20 });
    await acquireHostLock(session, { owner, waitSeconds: 1, reporter });
    await scene.web.machine.console(["pkill", "-KILL", "-f", "sshd-session: root@notty"]);
    expect(await scene.deploy(await scene.spec("delta"))).toMatchObject({ outcome: "deployed" });
    await session.close();
  });
});

describe("an operator killed by kill -9", () => {
  function operate(spec: DeploySpec): { child: ChildProcess; said: () => string } {
    const child = spawn(process.execPath, ["--import", "tsx", "test/integration/deploy/operator.ts"], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    child.stdin?.end(JSON.stringify(spec));
    return { child, said: () => said };
  }

  async function killedWhen(
    spec: DeploySpec,
    isTime: (said: string) => boolean | Promise<boolean>,
  ): Promise<void> {
    const { child, said } = operate(spec);
    const over = once(child, "exit");
    await eventually(async () => (await isTime(said())) || child.exitCode !== null, 60);
    expect(child.exitCode, said()).toBe(null);
    child.kill("SIGKILL");
    await over;
  }

  it("in the middle of the activation: the host goes back by itself, and the same closure can be deployed again", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("epsilon", {}, { faults: { inject: "slow" } });
    const patient = { ...spec, deadlines: { ...spec.deadlines, activate: 45, confirm: 2, lock: 60 } };
    const activations = async () => (await scene.observe()).activations.length;
    await killedWhen(patient, async () => (await activations()) > before.activations.length);
    // The supervisor has the lock: the next deployment waits for it instead of working beside it.
    const { reporter, lines } = scene.reporter();
    expect(await deploy(patient, { reporter })).toMatchObject({ outcome: "deployed" });
    expect(lines.some((line) => line.includes("waiting for the lock"))).toBe(true);
    const { history, current } = await scene.observe();
    expect(history.slice(-2)).toMatchObject([
      { outcome: "failed", reason: "confirmation", reverted: "yes", current: before.current },
      { outcome: "deployed", from: before.current, to: current },
    ]);
  }, 180_000);

  it.each(["building", "copying", "confirming"])(
    "while %s: the host runs one known system, and the next deployment works",
    async (step) => {
      const before = await scene.observe();
      const spec = await scene.spec(`killed while ${step}`);
      if (step === "confirming") await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 1 });
      const brief = { ...spec, deadlines: { ...spec.deadlines, confirm: 2 } };
      await killedWhen(brief, (said) => said.includes(step));
      // A confirmation that the killed one has already sent would still be taken for one.
      if (step === "confirming")
        await eventually(async () => (await scene.observe()).history.length > before.history.length, 60);
      await scene.faults.clearCommandFaults();
      expect(await scene.deploy(spec)).toMatchObject({
        outcome: "deployed",
        previousSystem: expect.any(String),
      });
      const after = await scene.observe();
      expect(after).toMatchObject({ current: spec.system.toplevel, profile: spec.system.toplevel });
      expect(after.history.at(-1)?.from).toBe(before.current);
    },
    120_000,
  );
});

describe("an operator who stops", () => {
  it("by Ctrl-C ends soon; the host goes back by itself", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("stopped");
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 1 });
    const controller = new AbortController();
    const { reporter } = scene.reporter();
    const brief = { ...spec, deadlines: { ...spec.deadlines, confirm: 3 } };
    const deployment = deploy(brief, { reporter, signal: controller.signal });
    const ended = deployment.catch((error: unknown) => error);
    await eventually(async () => (await scene.observe()).current === spec.system.toplevel, 60);
    const stopped = Date.now();
    controller.abort();
    expect(String(await ended)).toContain("the host rolls back to");
    expect(Date.now() - stopped).toBeLessThan(15_000);
    await eventually(async () => (await scene.observe()).history.length > before.history.length, 20);
    const after = await scene.observe();
    expect([after.current, after.profile]).toEqual([before.current, before.profile]);
  });
});

describe("the status", () => {
  it("of a host and of a dead one beside it costs the dead one's time and no more", async () => {
    await scene.deploy(await scene.spec("status"));
    const { current } = await scene.observe();
    const dead = {
      host: "gone",
      connection: { ...scene.web.connection, address: testAddress(79) },
      hostKeys: [scene.web.hostKey],
    };
    const started = Date.now();
    const [alive, missing] = await readStatus(
      [
        { target: target(), wanted: current },
        { target: dead, wanted: null },
      ],
      { hostSeconds: 3 },
    );
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(missing).toMatchObject({ host: "gone", reachable: false });
    expect(alive).toMatchObject({
      reachable: true,
      verdict: "current",
      state: {
        current,
        profile: current,
        failedUnits: [],
        lock: { held: false },
        identity: { kind: "read", value: { host: "web" } },
        lastDeployment: { kind: "read", value: { outcome: "deployed", to: current } },
      },
    });
  });

  it("names failed units", async () => {
    await scene.web.machine.console(["pkill", "-KILL", "-f", "busybox httpd"]);
    const failed = async () => {
      const [seen] = await readStatus([{ target: target(), wanted: null }]);
      return seen?.reachable === true ? seen.state.failedUnits : [];
    };
    await eventually(async () => (await failed()).includes("httpd.service"), 10);
  });

  it("tells a system that somebody else has put in force", async () => {
    const { current } = await scene.observe();
    const previous = (await scene.observe()).history.at(-1)?.from ?? "";
    await scene.web.machine.console([`${previous}/bin/switch-to-configuration`, "test"]);
    const [drifted] = await readStatus([{ target: target(), wanted: "/nix/store/newer" }]);
    expect(drifted).toMatchObject({ reachable: true, verdict: "drifted", state: { current: previous } });
    const [back] = await readStatus([{ target: target(), wanted: current }]);
    expect(back).toMatchObject({ reachable: true, verdict: "staged" });
  });
});

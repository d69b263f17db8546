import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

/** The word that confirms, not the one that says after a way back that the host can be reached. */
const confirmation = "fleet-signal-attempt [^ ]+ confirm ";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("committing", testAddress(64));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());
afterEach(() => scene.faults.clearCommandFaults());

const console = (command: string) => scene.web.machine.console(["bash", "-c", command]);

/** Somebody else's switch, which a commit waits for: it runs until `end` is called. */
async function otherSwitch(): Promise<{ end: () => Promise<void> }> {
  const running = console(
    "mkdir -p /run/nixos; touch /run/busy; exec flock /run/nixos/switch-to-configuration.lock sh -c 'touch /run/held; while [ -e /run/busy ]; do sleep 0.1; done'",
  );
  await eventually(async () => (await console("ls /run")).includes("held"), 60);
  return {
    async end() {
      await console("rm -f /run/busy /run/held");
      await running;
    },
  };
}

describe("an operator killed by kill -9 while the host commits", () => {
  it("leaves a host that ends on the confirmed system, on its own", async () => {
    const spec = await scene.spec("two");
    const patient = { ...spec, deadlines: { ...spec.deadlines, activate: 120, confirm: 120 } };
    await scene.faults.onCommand(confirmation, { kind: "hold" });
    const operator = spawn(process.execPath, ["--import", "tsx", "test/integration/deploy/operator.ts"], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const over = once(operator, "exit");
    operator.stdin.end(JSON.stringify(patient));
    await eventually(async () => (await scene.state()) === "confirm", 120);
    const other = await otherSwitch();
    await scene.faults.clearCommandFaults();
    await eventually(async () => (await scene.state()) === "committing", 120);
    expect(operator.exitCode).toBe(null);
    operator.kill("SIGKILL");
    await over;
    const during = await scene.observe();
    expect(during.bootEntry).not.toBe(spec.system.toplevel);
    await other.end();
    await eventually(async () => (await scene.state()) === "done", 120);
    const { toplevel } = spec.system;
    const after = await scene.observe();
    expect(after).toMatchObject({
      ...{ current: toplevel, profile: toplevel, bootEntry: toplevel, confirmed: toplevel },
    });
    expect(after.history.slice(during.history.length)).toMatchObject([{ outcome: "deployed", to: toplevel }]);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect(await scene.deploy(await scene.spec("three"))).toMatchObject({ outcome: "deployed" });
  }, 400_000);
});

describe("a link that never comes back", () => {
  it("ends the operator's side within its deadlines; the host is on the old system, and works once it is plugged in", async () => {
    const before = await scene.observe();
    const bootId = await scene.bootId();
    const spec = await scene.spec("cut");
    const deadlines = { ...spec.deadlines, activate: 5, confirm: 15, reboot: 10 };
    const longest = 4 * deadlines.activate + deadlines.confirm + 15 + 5 + deadlines.reboot + 3 * 20;
    await scene.faults.onCommand(confirmation, { kind: "hold" });
    const started = Date.now();
    const failing = scene.refusal({ ...spec, deadlines });
    await eventually(async () => (await scene.state()) === "confirm", 120);
    await scene.faults.pullCable();
    const { failure } = await failing;
    // Beyond the deadlines only one last question, and what came before the activation.
    expect((Date.now() - started) / 1000).toBeLessThan(longest + 120);
    expect(failure).toMatchObject({ host: "web", step: "confirmation" });
    expect(failure.seen).toContain("could not be reached again");
    expect(failure.next).toContain(before.current);
    // While it reboots nobody can be asked on it.
    await eventually(async () => (await scene.bootId().catch(() => bootId)) !== bootId, 120);
    await scene.faults.clearCommandFaults();
    await scene.faults.plugCable();
    const { current, profile, bootEntry, history } = await scene.observe();
    expect({ current, profile, bootEntry }).toEqual({
      ...{ current: before.current, profile: before.profile, bootEntry: before.bootEntry },
    });
    expect(history.at(-1)).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: true });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
  }, 500_000);
});

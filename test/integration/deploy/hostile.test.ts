import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { deploy } from "../../../runtime/deploy/deploy.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Observation, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

/** The word that confirms, not the one that says after a way back that the host can be reached. */
const confirmation = "fleet-signal-attempt [^ ]+ confirm ";

/**
 * What stands for the firewall and the SSH service of a system: a unit of one name, so that the old system undoes what the new one does.
 * `shut`: established connections live on, new ones hang; `off`: sshd and all its sessions end, new ones are refused.
 */
function door(position: "open" | "shut" | "off"): object {
  const text = `faults=/run/fleet-machine/hardware/faults
case $1 in
open) rm -f "$faults/sshd-off"; pkill -CONT -o -x sshd; true ;;
shut) pkill -STOP -o -x sshd ;;
off) touch "$faults/sshd-off"; pkill -KILL -f '^(sshd|/usr/sbin/sshd|/usr/lib/openssh/sshd-session)' ;;
esac
`;
  return {
    environment: { etc: { door: { text } } },
    systemd: { services: { door: { serviceConfig: { ExecStart: `/bin/sh /etc/door ${position}` } } } },
  };
}

const slow = (seconds: number) => ({ ...door("open"), faults: { inject: "slow", seconds } });

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("hostile", testAddress(37));
  await scene.deploy(await base());
});
afterAll(() => scene?.close());
afterEach(() => scene.faults.clearCommandFaults());

const base = (changes: Partial<DeploySpec> = {}) => scene.spec("one", changes, door("open"));
const console = (command: string) => scene.web.machine.console(["bash", "-c", command]);
const killConnections = () => console("pkill -KILL -f '^(sshd|/usr/lib/openssh/sshd)-session: root@notty'");

/** What must be as before, whatever went wrong. */
function standing({ current, profile, bootEntry, generations, confirmed }: Observation) {
  return { current, profile, bootEntry, generations, confirmed };
}

/** A deployment that has to fail and leave everything as it was. */
async function failsWithoutTrace(spec: DeploySpec) {
  const before = await scene.observe();
  const { failure } = await scene.refusal(spec);
  const after = await scene.observe();
  expect(standing(after)).toEqual(standing(before));
  expect(await scene.page()).toContain("one");
  return { failure, last: after.history.at(-1) };
}

/** After whatever went wrong: the next deployment does what it should, with nothing in its way. */
async function nextOneIsRight() {
  const next = await scene.spec("next", {}, door("open"));
  expect(await scene.deploy(next)).toMatchObject({ outcome: "deployed" });
  expect(await scene.page()).toContain("next");
  expect(await scene.observe()).toMatchObject({
    current: next.system.toplevel,
    profile: next.system.toplevel,
    bootEntry: next.system.toplevel,
    confirmed: next.system.toplevel,
  });
  await scene.deploy(await base());
}

describe("a new system", () => {
  it.each(["shut", "off"] as const)(
    "whose door is %s is taken back, and again when it is deployed again",
    async (position) => {
      const spec = await scene.spec("two", {}, door(position));
      const impatient = { ...spec, deadlines: { ...spec.deadlines, confirm: 3 } };
      for (const attempt of ["first", "second"]) {
        const { failure, last } = await failsWithoutTrace(impatient);
        expect(failure.step, attempt).toBe("confirmation");
        expect(failure.seen).toContain("the system it ran before is back");
        expect(last).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: false });
      }
      await nextOneIsRight();
    },
    240_000,
  );

  it("that takes 3 s to activate is not confirmed by what an earlier attempt has left", async () => {
    const spec = await scene.spec("two", {}, slow(3));
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const impatient = { ...spec, deadlines: { ...spec.deadlines, confirm: 3 } };
    await failsWithoutTrace(impatient);
    await console(
      'for attempt in /run/fleet/attempts/*/; do touch "$attempt"/{confirmed,approved,contact}; done',
    );
    const { last } = await failsWithoutTrace(impatient);
    expect(last).toMatchObject({ reason: "confirmation", reverted: "yes" });
    await scene.faults.clearCommandFaults();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await base());
  }, 240_000);

  it("that runs already and takes 3 s to activate stays when its redeployment fails", async () => {
    const running = await scene.spec("two", { goal: "test" }, slow(3));
    await scene.deploy(running);
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const deadlines = { ...running.deadlines, confirm: 3 };
    const { failure } = await scene.refusal({ ...running, goal: "switch", deadlines });
    expect(failure.step).toBe("confirmation");
    expect((await scene.observe()).current).toBe(running.system.toplevel);
    expect(await scene.page()).toContain("two");
    await scene.faults.clearCommandFaults();
    await scene.deploy(await base());
  }, 240_000);
});

describe("a connection that is killed", () => {
  it("while the system is activated does not end the deployment", async () => {
    const before = await scene.observe();
    const deployment = scene.deploy(await scene.spec("two", {}, slow(5)));
    await eventually(async () => (await scene.observe()).activations.length > before.activations.length, 120);
    await killConnections();
    expect(await deployment).toMatchObject({ outcome: "deployed" });
    const after = await scene.observe();
    expect(after.activations.slice(before.activations.length)).toEqual(["test", "boot"]);
    expect(after.history.slice(before.history.length)).toMatchObject([{ outcome: "deployed" }]);
    await scene.deploy(await base());
  }, 240_000);

  it("while the system is copied ends it before anything has changed", async () => {
    const copies = async () => (await scene.commands()).filter((line) => line.includes("nix-daemon")).length;
    const before = await copies();
    await scene.faults.onCommand("nix-daemon", { kind: "delay", seconds: 8 }, 1);
    const spec = await scene.spec("copied", {}, door("open"));
    const failing = failsWithoutTrace(spec);
    await eventually(async () => (await copies()) > before, 120);
    await killConnections();
    expect((await failing).failure.step).toBe("copy");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await base());
  }, 240_000);
});

describe("a machine", () => {
  it("that is reset during the activation starts the old system", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("two", {}, slow(60));
    const failing = failsWithoutTrace({ ...spec, deadlines: { ...spec.deadlines, activate: 90 } });
    await eventually(async () => (await scene.observe()).activations.length > before.activations.length, 120);
    await scene.web.machine.reset();
    expect((await failing).failure.seen).toContain("rebooted while the system was being activated");
    await nextOneIsRight();
  }, 240_000);
});

describe("a user with sudo", () => {
  it("sees an unconfirmed system taken back, and can deploy it afterwards", async () => {
    await console(
      "grep -q ^operator: /etc/passwd || echo 'operator:x:1000:100::/home/operator:/bin/sh' >>/etc/passwd; mkdir -p /home/operator; echo 'operator ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers && chmod 440 /etc/sudoers",
    );
    const connection = { ...scene.web.connection, user: "operator" };
    const spec = await scene.spec("two", { connection }, door("open"));
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const { last } = await failsWithoutTrace({ ...spec, deadlines: { ...spec.deadlines, confirm: 3 } });
    expect(last).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: false });
    await scene.faults.clearCommandFaults();
    const { reporter, lines } = scene.reporter();
    expect(await deploy(spec, { reporter })).toMatchObject({ outcome: "deployed" });
    expect(lines.some((line) => line.includes("confirming over a new connection"))).toBe(true);
    await scene.deploy(await base());
  }, 240_000);
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { testAddress } from "../addresses.ts";
import { identity } from "./installed-machine.ts";
import { createScene, type Observation, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

/** The word that confirms, not the one that says after a way back that the host can be reached. */
const confirmation = "fleet-signal-attempt [^ ]+ confirm ";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("failure", testAddress(32));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());
afterEach(async () => {
  await scene.faults.clearCommandFaults();
  await scene.faults.startSsh();
});

/** What must be as before, whatever went wrong. */
function standing({ current, profile, bootEntry, generations, confirmed }: Observation) {
  return { current, profile, bootEntry, generations, confirmed };
}

/** Runs a deployment that has to fail and leave the machine as it was. */
async function failsWithoutTrace(spec: DeploySpec) {
  const before = await scene.observe();
  const error = await scene.refusal(spec);
  const after = await scene.observe();
  expect(standing(after)).toEqual(standing(before));
  expect(await scene.page()).toContain("one");
  return { failure: error.failure, last: after.history.at(-1), before, after };
}

describe("a deployment that fails", () => {
  it("in the activation script brings the old system back", async () => {
    const spec = await scene.spec("two", {}, { faults: { inject: "activation" } });
    const { failure, last, after, before } = await failsWithoutTrace(spec);
    expect(failure).toMatchObject({ host: "web", step: "activation" });
    expect(failure.seen).toContain("the activation script failed (exit code 2)");
    expect(failure.seen).toContain("faults.inject: this step fails");
    expect(failure.seen).toContain(`the host runs ${before.current}: the system it ran before is back`);
    expect(last).toMatchObject({ outcome: "failed", reason: "activation", exitCode: 2, reverted: "yes" });
    expect(after.activations.slice(-2)).toEqual(["test", "test"]);
  });

  it("in a unit brings the old system back, and again when it is tried again", async () => {
    const spec = await scene.spec("two", {}, { faults: { inject: "units" } });
    const { failure } = await failsWithoutTrace(spec);
    expect(failure.seen).toContain("exit code 4");
    expect(failure.seen).toContain("broken.service");
    const again = await failsWithoutTrace(spec);
    expect(again.last).toMatchObject({ outcome: "failed", exitCode: 4, reverted: "yes" });
  });

  it("by hanging is ended at its deadline", async () => {
    const spec = await scene.spec("two", {}, { faults: { inject: "slow" } });
    const { failure, last } = await failsWithoutTrace({
      ...spec,
      deadlines: { ...spec.deadlines, activate: 2 },
    });
    expect(failure.seen).toContain("did not end within its deadline");
    expect(last).toMatchObject({ exitCode: 124, reverted: "yes" });
  });

  it("because another switch runs waits for it, then leaves everything alone", async () => {
    const { machine } = scene.web;
    const busy = machine.console([
      "bash",
      "-c",
      "mkdir -p /run/nixos; touch /run/busy; exec flock /run/nixos/switch-to-configuration.lock sh -c 'while [ -e /run/busy ]; do sleep 0.1; done'",
    ]);
    const spec = await scene.spec("two");
    const { failure, last } = await failsWithoutTrace({
      ...spec,
      deadlines: { ...spec.deadlines, activate: 2 },
    });
    expect(failure.seen).toContain("another switch on the host did not end in time");
    expect(last).toMatchObject({ reason: "busy", reverted: "not-needed" });
    await machine.console(["rm", "/run/busy"]);
    await busy;
  });

  it("while it writes the boot entry leaves no new generation behind", async () => {
    const { machine } = scene.web;
    await machine.console(["mount", "-t", "tmpfs", "-o", "ro", "none", "/boot"]);
    const before = await machine.console(["readlink", "/nix/var/nix/profiles/system"]);
    const error = await scene
      .refusal(await scene.spec("two"))
      .finally(() => machine.console(["umount", "/boot"]));
    expect(error.failure.step).toBe("commit");
    const after = await scene.observe();
    expect(await machine.console(["readlink", "/nix/var/nix/profiles/system"])).toBe(before);
    expect(after.generations).toEqual(["system-1-link"]);
    expect(after.current).toBe(after.profile);
    expect(await scene.page()).toContain("one");
  });

  it("because the new system shuts SSH out comes back by itself", async () => {
    const spec = await scene.spec("two");
    // From its confirmation on nobody gets in: what a closed firewall does.
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const { failure, last } = await failsWithoutTrace({
      ...spec,
      deadlines: { ...spec.deadlines, confirm: 3 },
    });
    expect(failure.step).toBe("confirmation");
    expect(failure.seen).toContain("no new connection came through within 3 s");
    expect(last).toMatchObject({ reason: "confirmation", reverted: "yes" });
    const { activation = 0, revert = 0, contact = 0 } = last?.durations ?? {};
    expect((last?.seconds ?? 0) - activation - revert - contact).toBeLessThan(20);
    expect(last?.rebooted).toBe(false);
  });

  it("because the new system cuts the network is back before anybody can reach it", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("two", {}, { faults: { inject: "ssh" } });
    const deployment = scene.refusal({ ...spec, deadlines: { ...spec.deadlines, confirm: 8 } });
    await eventually(async () => (await scene.state()) === "reverted", 60);
    expect((await scene.observe()).current).toBe(before.current);
    await scene.web.machine.console(["ip", "link", "set", "eth0", "up"]);
    const error = await deployment;
    expect(error.failure.step).toBe("confirmation");
    expect(error.failure.seen).toContain("the system it ran before is back");
    const after = await scene.observe();
    expect(standing(after)).toEqual(standing(before));
    expect(after.history.at(-1)).toMatchObject({ reverted: "yes", rebooted: false });
  });

  it("because the new system cuts the network for good ends with a reboot into the old one", async () => {
    const before = await scene.observe();
    const bootId = await scene.bootId();
    const spec = await scene.spec("two", {}, { faults: { inject: "ssh" } });
    const error = await scene.refusal({ ...spec, deadlines: { ...spec.deadlines, confirm: 2 } });
    expect(error.failure.step).toBe("confirmation");
    expect(error.failure.seen).toContain("no operator reached it afterwards, so it rebooted");
    expect(await scene.bootId()).not.toBe(bootId);
    const after = await scene.observe();
    expect(standing(after)).toEqual(standing(before));
    expect(after.history.at(-1)).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: true });
    expect(await scene.deploy(await scene.spec("three"))).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
  });

  it("leaves nothing in the way of the same system without the fault", async () => {
    const spec = await scene.spec("two");
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const impatient = { ...spec, deadlines: { ...spec.deadlines, confirm: 2 } };
    await failsWithoutTrace(impatient);
    // Nothing the first attempt has left confirms the second one.
    expect((await failsWithoutTrace(impatient)).last).toMatchObject({ reason: "confirmation" });
    await scene.faults.clearCommandFaults();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(await scene.page()).toContain("two");
    expect(await scene.deploy(await scene.spec("one"))).toMatchObject({ outcome: "deployed" });
  });

  it("while redeploying what runs leaves the host on it", async () => {
    const tested = await scene.spec("three", { goal: "test" });
    await scene.deploy(tested);
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const error = await scene.refusal({
      ...tested,
      goal: "switch",
      deadlines: { ...tested.deadlines, confirm: 2 },
    });
    expect(error.failure.step).toBe("confirmation");
    expect((await scene.observe()).current).toBe(tested.system.toplevel);
    expect(await scene.page()).toContain("three");
    await scene.faults.clearCommandFaults();
    await scene.deploy(await scene.spec("one"));
  });

  it("because the machine restarts meanwhile ends on the old system", async () => {
    const before = await scene.observe();
    await scene.faults.onCommand(confirmation, { kind: "powerCut", after: 0 }, 1);
    await scene.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    const error = await scene.refusal(await scene.spec("two"));
    expect(error.failure.seen).toContain("rebooted while the system was being activated");
    expect(standing(await scene.observe())).toEqual(standing(before));
  });

  it("because the disk is full changes nothing, and works once there is room", async () => {
    const spec = await scene.spec("room");
    await scene.faults.fillDisk("/nix");
    const before = await scene.observe();
    const error = await scene.refusal(spec);
    expect(error.failure.seen).toMatch(/No space left on device|disk is full/);
    expect(standing(await scene.observe())).toEqual(standing(before));
    await scene.faults.emptyDisk("/nix");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
  });

  it("while it copies is continued by the next", async () => {
    const spec = await scene.spec("copied");
    await scene.faults.onCommand("nix-daemon", { kind: "fail", exitCode: 1 }, 1);
    const { failure } = await failsWithoutTrace(spec);
    expect(failure.step).toBe("copy");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
  });
});

describe("a machine that is not ours", () => {
  const write = (text: string) =>
    scene.web.machine.console(["bash", "-c", "cat >/etc/fleet/identity.json"], text);

  it.each([
    ["of another stack", identity("pulumi-nixos/other", "web"), /"web" of stack "pulumi-nixos\/other"/],
    ["of another name", identity("pulumi-nixos/test", "db"), /host "db" of stack/],
    ["of an unreadable identity", "{", /cannot be understood/],
  ])("%s is refused before anything is touched", async (_, text, message) => {
    const commands = (await scene.commands()).length;
    await write(text);
    const error = await scene.refusal(await scene.spec("two"));
    expect(error.failure.step).toBe("identity");
    expect(error.failure.seen).toMatch(message);
    expect((await scene.commands()).slice(commands)).toHaveLength(2);
    await write(identity("pulumi-nixos/test", "web"));
  });

  it("is ours when it carries a former name, and is renamed", async () => {
    await write(identity("pulumi-nixos/test", "www"));
    const spec = await scene.spec("one", { aliases: ["www"] });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect((await scene.observe()).identity).toBe(identity("pulumi-nixos/test", "web").trim());
  });
});

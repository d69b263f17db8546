import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("oneshot-boot", testAddress(67));
  await scene.deploy(await scene.spec("one", {}, loader("a")));
});
afterAll(() => scene?.close());

/** systemd-boot, with a value on the kernel command line: another one needs a reboot. */
function loader(value: string, more: object = {}): object {
  return {
    boot: {
      kernelParams: [`fleet.test=${value}`],
      loader: { grub: { enable: false }, "systemd-boot": { enable: true } },
    },
    ...more,
  };
}
const doesNotComeUp = { faults: { inject: "boot" } };
const said = "this system does not come up";

async function console_(): Promise<string> {
  return await readFile(scene.web.machine.paths.consoleLog, "utf8");
}

/** What the firmware keeps, and the mark that makes the next deployment clear it. */
async function variables(): Promise<string[]> {
  const list =
    "ls /boot/loader/entry-default /boot/loader/oneshot /var/lib/fleet/oneshot-boot 2>/dev/null || true";
  const text = await scene.web.machine.console(["sh", "-c", list]);
  return text
    .trim()
    .split("\n")
    .filter((line) => line !== "");
}

async function booted(): Promise<string> {
  return (await scene.web.machine.console(["readlink", "-f", "/run/booted-system"])).trim();
}

/** Waits for a machine that was just switched on. */
async function startsWith(system: string): Promise<void> {
  const running = () => booted().catch(() => "");
  await eventually(async () => (await running()).startsWith("/nix/store/"), 90);
  expect(await running()).toBe(system);
}

describe("with systemd-boot, a reboot into a new system", () => {
  it("is a trial, and what came up is what every boot starts", async () => {
    const spec = await scene.spec("two", { reboot: "ifNeeded" }, loader("b"));
    const { reporter, lines } = scene.reporter();
    const { deploy } = await import("../../../runtime/deploy/deploy.ts");
    expect(await deploy(spec, { reporter })).toMatchObject({ outcome: "deployed", rebooted: true });
    expect(lines.some((line) => line.includes("rebooting, the new system on trial"))).toBe(true);
    expect(await booted()).toBe(spec.system.toplevel);
    expect(await variables()).toEqual([]);
    await scene.web.machine.reset();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged", rebootNeeded: false });
  });

  it("that does not come up ends on the old one after a power cycle: the deployment fails, and the host is told so", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("three", { reboot: "ifNeeded" }, loader("c", doesNotComeUp));
    const length = (await console_()).length;
    const refusal = scene.refusal({ ...spec, deadlines: { ...spec.deadlines, reboot: 120 } });
    await eventually(async () => (await console_()).slice(length).includes(said), 90);
    await scene.web.machine.reset();
    const { failure } = await refusal;
    expect(failure).toMatchObject({ step: "reboot", host: "web" });
    expect(failure.seen).toBe(
      `${spec.system.toplevel} did not come up: the host has started ${before.current} again`,
    );
    const after = await scene.observe();
    expect(after).toMatchObject({
      current: before.current,
      profile: before.profile,
      bootEntry: before.current,
      confirmed: before.current,
    });
    expect(after.history.at(-1)).toMatchObject({
      outcome: "deployed",
      to: before.current,
      request: { operation: "rollback" },
    });
    expect(await variables()).toEqual([]);
  });

  it("that does not come up in time says what starts after a power cycle, and the next deployment clears up", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("four", { reboot: "ifNeeded" }, loader("d", doesNotComeUp));
    const brief = { ...spec, deadlines: { ...spec.deadlines, reboot: 8 } };
    const { failure } = await scene.refusal(brief);
    expect(failure.seen).toContain("the host is not back after 8 s");
    expect(failure.next).toContain(`after a power cycle it starts ${before.current} by itself`);
    await scene.web.machine.reset();
    await startsWith(before.current);
    expect(await variables()).toEqual(["/boot/loader/entry-default", "/var/lib/fleet/oneshot-boot"]);
    // No reboot is asked for: what the firmware keeps must not outlive the commit of another system.
    const better = await scene.spec("five", {}, loader("b"));
    expect(await scene.deploy(better)).toMatchObject({ outcome: "deployed" });
    expect(await variables()).toEqual([]);
    await scene.web.machine.reset();
    await startsWith(better.system.toplevel);
  });
});

describe("with systemd-boot, a reboot by hand into a staged system", () => {
  it("is a trial, and what came up is what every boot starts", async () => {
    const spec = await scene.spec("staged", { goal: "boot" }, loader("s"));
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "staged" });
    const { result, lines } = await scene.rebootByHand(scene.target());
    expect(result).toMatchObject({ outcome: "rebooted", system: spec.system.toplevel });
    expect(lines.some((line) => line.includes("rebooting, the new system on trial"))).toBe(true);
    expect(await booted()).toBe(spec.system.toplevel);
    expect(await variables()).toEqual([]);
  });

  it("that does not come up fails, and leaves the host with the old one", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("staged", { goal: "boot" }, loader("t", doesNotComeUp));
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "staged" });
    const length = (await console_()).length;
    const target = scene.target();
    const rebooted = scene.rebootByHand({ ...target, deadlines: { ...target.deadlines, reboot: 120 } });
    await eventually(async () => (await console_()).slice(length).includes(said), 90);
    await scene.web.machine.reset();
    expect((await rebooted).result).toEqual({
      ...{ host: "web", outcome: "failed" },
      seen: `reboot: ${spec.system.toplevel} did not come up: the host has started ${before.current} again`,
    });
    const after = await scene.observe();
    expect(after).toMatchObject({
      ...{ current: before.current, profile: before.profile },
      ...{ bootEntry: before.current, confirmed: before.current },
    });
    expect(after.history.at(-1)).toMatchObject({ to: before.current, request: { operation: "rollback" } });
    expect(await variables()).toEqual([]);
  });
});

describe("a reboot is no trial", () => {
  it("where an entry of the running system is missing: the new one starts all the same", async () => {
    const { machine } = scene.web;
    const spec = await scene.spec("six", { reboot: "ifNeeded" }, loader("e"));
    const drain = { run: "rm /boot/loader/entries/*", timeout: 5 };
    expect(await scene.deploy({ ...spec, drain })).toMatchObject({ outcome: "deployed", rebooted: true });
    expect(await booted()).toBe(spec.system.toplevel);
    expect(await machine.console(["cat", "/boot/loader/default"])).toBe(spec.system.toplevel);
    expect(await variables()).toEqual([]);
  });
});

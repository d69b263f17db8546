import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultHealth } from "../../../model/config/settings/health.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";
import { eventually } from "./wait.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("reboot", testAddress(35));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());

const parameters = (value: string) => ({ boot: { kernelParams: ["console=ttyS0", `fleet.test=${value}`] } });
const booted = async () => (await scene.web.machine.console(["readlink", "-f", "/run/booted-system"])).trim();

describe("a system with other kernel parameters", () => {
  it("is only told to need a reboot where none is wanted", async () => {
    const bootId = await scene.bootId();
    const spec = await scene.spec("two", {}, parameters("a"));
    expect(await scene.deploy(spec)).toMatchObject({
      outcome: "deployed",
      rebootNeeded: true,
      rebooted: false,
    });
    expect(await scene.bootId()).toBe(bootId);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged", rebootNeeded: true });
  });

  it("is rebooted into once that is wanted, after draining, and verified", async () => {
    const bootId = await scene.bootId();
    const spec = await scene.spec(
      "two",
      { reboot: "ifNeeded", drain: { run: "date >>/var/lib/drained", timeout: 5 } },
      parameters("a"),
    );
    expect(await scene.deploy(spec)).toMatchObject({ rebooted: true, rebootNeeded: false });
    expect(await scene.bootId()).not.toBe(bootId);
    expect(await booted()).toBe(spec.system.toplevel);
    expect((await scene.web.machine.console(["cat", "/var/lib/drained"])).trim().split("\n")).toHaveLength(1);
    expect(await scene.page()).toContain("two");
    const after = await scene.bootId();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged", rebooted: false });
    expect(await scene.bootId()).toBe(after);
  });

  it("stays where it is when draining fails, and is rebooted into by the next deployment", async () => {
    const bootId = await scene.bootId();
    const spec = await scene.spec("three", { reboot: "ifNeeded" }, parameters("b"));
    const drain = { run: "echo cluster-is-busy >&2; exit 3", timeout: 5 };
    const { failure } = await scene.refusal({ ...spec, drain });
    expect(failure.step).toBe("drain");
    expect(failure.seen).toContain("exit code 3: cluster-is-busy");
    expect(await scene.bootId()).toBe(bootId);
    expect(await scene.page()).toContain("three");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed", rebooted: true });
    expect(await booted()).toBe(spec.system.toplevel);
  });
});

describe("a reboot that somebody has ordered by hand", () => {
  it("keeps others away until the host goes down", async () => {
    const slow = `set -eu
reboot=$(readlink -f "$(command -v reboot)")
mkdir /run/real
cp "$reboot" /run/real/reboot
touch /run/hold
printf '#!/bin/sh\\nwhile [ -e /run/hold ]; do sleep 0.1; done\\nexec /run/real/reboot "$@"\\n' >/run/slow-reboot
chmod +x /run/slow-reboot
mount --bind /run/slow-reboot "$reboot"`;
    await scene.web.machine.console(["bash", "-c", slow]);
    const commands = (await scene.commands()).length;
    const rebooted = scene.rebootByHand(scene.target());
    await eventually(
      async () =>
        (await scene.commands()).slice(commands).some((command) => command.includes("fleet-reboot")),
      30,
    );
    const spec = await scene.spec("three", {}, parameters("b"));
    const impatient = { ...spec, deadlines: { ...spec.deadlines, lock: 1 } };
    const { failure } = await scene.refusal(impatient);
    expect(failure).toMatchObject({ step: "lock" });
    expect(failure.seen).toContain("reboot of web");
    await scene.web.machine.console(["rm", "/run/hold"]);
    expect((await rebooted).result).toMatchObject({ outcome: "rebooted", system: spec.system.toplevel });
  });

  it("drains first, and is not made where that fails", async () => {
    const bootId = await scene.bootId();
    const busy = scene.target({ drain: { run: "echo cluster-is-busy >&2; exit 3", timeout: 5 } });
    const refused = await scene.rebootByHand(busy);
    expect(refused.result).toMatchObject({
      outcome: "failed",
      seen: expect.stringContaining("drain: exit code 3: cluster-is-busy"),
    });
    expect(await scene.bootId()).toBe(bootId);
    const drain = { run: "cat /proc/sys/kernel/random/boot_id >/var/lib/drained-boot", timeout: 5 };
    const { result } = await scene.rebootByHand(scene.target({ drain }));
    expect(result).toMatchObject({ outcome: "rebooted" });
    expect((await scene.web.machine.console(["cat", "/var/lib/drained-boot"])).trim()).toBe(bootId);
    expect(await scene.bootId()).not.toBe(bootId);
  });

  it("says that nothing waits for the host where it is cancelled after the order", async () => {
    const bootId = await scene.bootId();
    const { result } = await scene.rebootByHand(scene.target(), "rebooting");
    expect(result).toEqual({
      ...{ host: "web", outcome: "failed" },
      seen: "reboot: cancelled after the reboot was ordered: nothing waits for the host",
    });
    const running = () => scene.bootId().catch(() => "");
    await eventually(async () => !["", bootId].includes(await running()), 60);
  });

  it("judges units and checks as a deployment does: what is to be ignored is", async () => {
    const fragile = { serviceConfig: { ExecStart: "/usr/bin/busybox test ! -e /var/lib/broken" } };
    const settings = { systemd: { services: { fragile } }, ...parameters("b") };
    await scene.deploy(await scene.spec("three", {}, settings));
    // It fails from the next boot on.
    await scene.web.machine.console(["touch", "/var/lib/broken"]);
    const { health } = scene.target().settings;
    const check = { kind: "command", from: "target", run: "exit 9", timeout: 1, period: 0.5 } as const;
    const strict = { ...health, deadline: 2, checks: [check] };
    const { result } = await scene.rebootByHand(scene.target({ health: strict }));
    expect(result).toMatchObject({ outcome: "failed", host: "web" });
    expect(result).toMatchObject({ seen: expect.stringContaining("  fragile.service failed") });
    expect(result).toMatchObject({ seen: expect.stringContaining("  command exit 9: exit code 9") });
    await scene.web.machine.console(["rm", "/var/lib/broken"]);
    expect((await scene.rebootByHand(scene.target())).result).toMatchObject({ outcome: "rebooted" });
    await scene.web.machine.console(["touch", "/var/lib/broken"]);
    const lenient = { ...health, ignoreUnits: ["frag*"] };
    const ignored = await scene.rebootByHand(scene.target({ health: lenient }));
    expect(ignored.result).toMatchObject({ outcome: "rebooted" });
    expect(ignored.lines.join("\n")).toContain("warning: fragile.service failed");
    // What failed before the reboot may fail after it.
    const before = await scene.rebootByHand(scene.target());
    expect(before.result).toMatchObject({ outcome: "rebooted" });
    expect(before.lines.join("\n")).toContain("warning: fragile.service failed, as before");
    await scene.web.machine.console(["rm", "/var/lib/broken"]);
  });
});

describe("a reboot", () => {
  it("brings a system whose critical parts differ into force", async () => {
    const inhibited = { system: { switch: { inhibitors: { systemd: "2" } } }, ...parameters("b") };
    const spec = await scene.spec("four", { reboot: "ifNeeded" }, inhibited);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed", rebooted: true });
    expect(await scene.page()).toContain("four");
    expect(await booted()).toBe(spec.system.toplevel);
  });

  it("after every change is not made where nothing has changed", async () => {
    const settings = { system: { switch: { inhibitors: { systemd: "2" } } }, ...parameters("b") };
    const spec = await scene.spec("five", { reboot: "always" }, settings);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed", rebooted: true });
    const bootId = await scene.bootId();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged", rebooted: false });
    expect(await scene.bootId()).toBe(bootId);
  });

  it("that leaves checks unfulfilled or units failed is an error, and says which", async () => {
    const settings = { system: { switch: { inhibitors: { systemd: "3" } } }, ...parameters("b") };
    const broken = { systemd: { services: { broken: { serviceConfig: { ExecStart: "/bin/false" } } } } };
    const spec = await scene.spec(
      "six",
      {
        reboot: "always",
        health: {
          ...defaultHealth,
          settle: 1,
          deadline: 2,
          checks: [{ kind: "command", from: "target", run: "exit 9", timeout: 1, period: 0.5 }],
        },
      },
      { ...settings, ...broken },
    );
    const { failure } = await scene.refusal(spec);
    expect(failure.step).toBe("reboot");
    expect(failure.seen).toContain("  broken.service failed");
    expect(failure.seen).toContain("  command exit 9: exit code 9");
  });

  it("from which the host does not come back ends at its deadline", async () => {
    const settings = { system: { switch: { inhibitors: { systemd: "3" } } } };
    const spec = await scene.spec("seven", { reboot: "always" }, settings);
    await scene.faults.onCommand("fleet-reboot", { kind: "dropLink", after: 0 });
    const { failure } = await scene.refusal({
      ...spec,
      // The system cannot start: its machine waits for ever.
      drain: { run: "echo /nix/store/missing >/boot/loader/oneshot", timeout: 5 },
      deadlines: { ...spec.deadlines, reboot: 6 },
    });
    expect(failure.step).toBe("reboot");
    expect(failure.seen).toContain("the host is not back after 6 s");
    await scene.faults.clearCommandFaults();
    await scene.web.machine.reset();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
  });
});

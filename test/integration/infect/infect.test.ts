import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { bareMachine, evaluateHost, numberMachinesFrom } from "../install/bare-machine.ts";
import { install, onInstalled, refusal, showConsoleOnFailure, startInstall } from "../install/installing.ts";

// One machine whose stock system becomes NixOS in place, killed on the way; in order.
let factory: TestMachineFactory;
let machine: TestMachine;
let spec: InstallSpec;

const lustrate = path.resolve(import.meta.dirname, "../../../hosts/modules/lustrate.nix");
const root = { device: "/dev/disk/by-label/cloudimg-rootfs", fsType: "ext4" };

/** A stock machine, and the specification of a take-over of it. */
async function stockMachine(fileSystems: object = { "/": root }) {
  const bare = await bareMachine(factory);
  const system = await evaluateHost(bare.userKey, { fileSystems }, ["root"], [lustrate]);
  const withoutDisks = { ...system, disko: null, diskoDerivation: null, diskLayout: null };
  const wanted: InstallSpec = { ...bare.spec, system: withoutDisks, bootstrap: "infect" };
  return { machine: bare.machine, spec: wanted };
}

beforeAll(async () => {
  numberMachinesFrom(30);
  factory = await createMachineFactory();
  ({ machine, spec } = await stockMachine());
  await machine.console(["sh", "-c", "mkdir -p /srv; echo precious >/srv/data"]);
});
afterAll(() => factory.close());

test("what cannot work is told at once, and changes nothing", async () => {
  const { traits } = spec.system;
  if (traits === null) throw new Error("nothing is known of the system");
  const fileSystems = [
    { mountPoint: "/", device: "/dev/sdb1", fsType: "ext4" },
    { mountPoint: "/boot", device: root.device, fsType: "vfat" },
  ];
  const wrong = { ...spec.system, traits: { ...traits, fileSystems, lustrates: false } };
  const message = await refusal({ ...spec, system: { ...wrong, platform: "aarch64-linux" } });
  expect(message).toContain("this cannot work, for 4 reasons; nothing was changed");
  expect(message).toContain("the system is built for aarch64-linux");
  expect(message).toContain('fileSystems."/" is /dev/sdb1, and the machine has no such device');
  expect(message).toContain('fileSystems."/boot" is vfat, and /dev/disk/by-label/cloudimg-rootfs holds ext4');
  expect(message).toContain("import the module nixosModules.lustrate");
  expect(await machine.console(["sh", "-c", "ls -d /nix /etc/fleet /etc/NIXOS 2>/dev/null || true"])).toBe(
    "",
  );
});

test("an existing machine is refused without permission", async () => {
  const message = await refusal({ ...spec, provider: "existing" });
  expect(message).toContain("refused to install: it is an existing machine (debian)");
  expect(message).toContain("set wipe: web");
});

test("a machine without room is refused with the figure", async () => {
  await machine.console(["sh", "-c", "dd if=/dev/zero of=/fill bs=1M 2>/dev/null; true"]);
  const message = await refusal(spec);
  await machine.console(["rm", "/fill"]);
  expect(message).toMatch(/the machine has .* left for the store: the system takes 2\d\d MiB/);
});

/** Runs an install and kills it when it says so. */
async function killedWhen(moment: RegExp): Promise<void> {
  const killed = startInstall(spec);
  await killed.until(moment);
  killed.child.kill("SIGKILL");
  await killed.ended;
}

/** Kills an install whose boot loader step waits on the machine, to begin when nobody is there any more. */
async function killedBeforeBootLoader(): Promise<void> {
  const step = "' fleet-infect-boot ";
  await machine.faults.onCommand(step, { kind: "hold" }, 1);
  const before = (await machine.sshCommands()).length;
  const killed = startInstall(spec);
  await vi.waitFor(
    async () => {
      const since = (await machine.sshCommands()).slice(before);
      expect(since.map(({ command }) => command ?? "").join("\n")).toContain(step);
    },
    { timeout: 60_000, interval: 100 },
  );
  killed.child.kill("SIGKILL");
  await killed.ended;
}

test.each([
  ["contact", /contact: waiting for SSH/],
  ["facts", /facts: inspecting the machine/],
  ["facts, of its file systems", /facts: inspecting its file systems/],
  ["the build", /building the system/],
  ["the copy", /install: copying the system/],
  ["the hand-over", /handing over identity, host key and boot loader/],
])("a kill in %s leaves the old system as it is", async (_phase, moment) => {
  await killedWhen(moment);
  expect(await machine.console(["cat", "/srv/data"])).toBe("precious");
});

test("power lost between the old /boot and the new boot loader: the old system, started by hand, is taken up", async () => {
  await machine.console(["sh", "-c", "mkdir -p /boot && echo old >/boot/kernel"]);
  await killedBeforeBootLoader();
  await machine.console(["sh", "-c", "mv /boot /boot.before-nixos && sync"]);
  await machine.powerOff();
  await machine.faults.clearCommandFaults();
  await machine.powerOn();
  await vi.waitFor(
    async () => expect(await machine.console(["cat", "/boot.before-nixos/kernel"])).toBe("old"),
    { timeout: 60_000, interval: 500 },
  );
});

test("after kills on the way, the last with the boot loader's step still to run, the machine comes back as NixOS with its old files aside", async () => {
  showConsoleOnFailure(machine);
  await killedBeforeBootLoader();
  await machine.faults.clearCommandFaults();
  const lines: string[] = [];
  const installed = await install(spec, lines);
  expect(installed).toMatchObject({ outcome: "installed", system: spec.system.toplevel });
  expect(lines.join("\n")).toContain("going on with an interrupted take-over");
  expect(JSON.parse(await onInstalled(spec, "cat /etc/fleet/identity.json"))).toMatchObject({
    host: "web",
    installId: installed.installId,
  });
  expect(await onInstalled(spec, "cat /old-root/srv/data")).toBe("precious");
  expect(await onInstalled(spec, "cat /old-root/boot.before-nixos/kernel")).toBe("old");
  expect(
    await onInstalled(spec, "ls / | grep -c srv; ls -d /etc/NIXOS /etc/NIXOS_LUSTRATE 2>/dev/null"),
  ).toBe("0\n/etc/NIXOS");
  expect(await onInstalled(spec, "stat -c '%a %U' /etc/ssh/ssh_host_ed25519_key")).toBe("600 root");
  expect(readFileSync(machine.paths.consoleLog, "utf8")).toContain("[stage-1] starting lustrate");
});

test("its store is one that Nix knows, to the last path, and can be deployed to", async () => {
  const closure = execFileSync("nix-store", ["-qR", spec.system.toplevel], { encoding: "utf8" }).trim();
  expect(await onInstalled(spec, `nix-store -qR ${spec.system.toplevel} | sort`)).toBe(
    closure.split("\n").sort().join("\n"),
  );
  expect(
    await onInstalled(
      spec,
      "nix-store --verify --check-contents 2>&1 && nix-collect-garbage 2>&1 | tail -n 1",
    ),
  ).toMatch(/0 store paths deleted/);
  expect(await onInstalled(spec, "readlink -f /nix/var/nix/profiles/system")).toBe(spec.system.toplevel);
});

test("a second call adopts it, and neither wipe nor a lost record makes it run again", async () => {
  expect((await install({ ...spec, wipe: true })).outcome).toBe("adopted");
  expect(await refusal({ ...spec, stack: "pulumi-nixos/other", wipe: true })).toContain(
    "a NixOS cannot be replaced in place",
  );
});

test("no secret is in a log or in a command", async () => {
  const secret = spec.hostKey.privateKey.split("\n")[1] ?? "";
  expect(secret.length).toBeGreaterThan(40);
  expect(JSON.stringify(await machine.sshCommands())).not.toContain(secret);
  expect(() => execFileSync("grep", ["-rqF", secret, spec.logDirectory])).toThrow();
});

test.each([
  ["while it reboots", /reboot: starting the installed system/],
  ["while its first boot is checked", /verify: checking the first boot/],
])(
  "an existing machine that may be lost is taken over, and a kill %s leaves it to be adopted",
  async (_when, moment) => {
    const other = await stockMachine();
    const existing: InstallSpec = { ...other.spec, provider: "existing", wipe: true };
    const killed = startInstall(existing);
    await killed.until(moment);
    await untilItBoots(other.machine);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect((await install({ ...existing, wipe: false })).outcome).toBe("adopted");
    await other.machine.destroy();
  },
);

test("a machine that never comes back is given up at the deadline, with where to look", async () => {
  const lost = await stockMachine({ "/": { ...root, device: "/dev/sdz1" } });
  const { traits } = lost.spec.system;
  if (traits === null) throw new Error("nothing is known of the system");
  // What the preflight refuses is passed by: the machine's real stage 1 finds no root.
  const fileSystems = [{ mountPoint: "/", ...root }];
  const deadlines = { ...lost.spec.deadlines, reboot: 15 };
  const system = { ...lost.spec.system, traits: { ...traits, fileSystems } };
  const message = await refusal({ ...lost.spec, system, deadlines });
  expect(message).toContain("install, phase reboot, failed");
  expect(message).toContain("check the machine's console");
  expect(readFileSync(lost.machine.paths.consoleLog, "utf8")).toContain(
    "[stage-1] timed out waiting for the root device /dev/sdz1",
  );
});

/** Waits until the installed system starts: only then the kill is one during the reboot. */
async function untilItBoots(of: TestMachine): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    if (readFileSync(of.paths.consoleLog, "utf8").includes("[firmware] booting nixos")) return;
    await sleep(50);
  }
  throw new Error("the machine did not reboot");
}

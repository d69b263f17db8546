import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { untilCommand } from "./command-watch.ts";
import { formattings, install, refusal, showConsoleOnFailure } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(30);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

/** sshd starts anew with another key; sessions that are open stay. */
async function swapHostKey(machine: TestMachine, { privateKey }: KeyPair): Promise<void> {
  await machine.console(
    ["sh", "-c", "cat >/etc/ssh/ssh_host_ed25519_key && rm -f /etc/ssh/ssh_host_ed25519_key.pub"],
    privateKey,
  );
  await machine.console(["pkill", "-KILL", "-o", "-f", "^(sshd: )?/usr/sbin/sshd.*-D"]);
}

describe.concurrent("another key in the middle of an install is refused with both fingerprints", () => {
  test("between the first contact and the installer", async ({ onTestFailed }) => {
    const { spec, machine, bootstrapKey } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    const other = generateKeyPair();
    await machine.faults.onCommand("' fleet-wait-cloud-init$", { kind: "hold" }, 1);
    const [message] = await Promise.all([
      refusal({ ...spec, deadlines: { ...spec.deadlines, kexec: 45 } }),
      untilCommand(machine, "' fleet-wait-cloud-init$")
        .then(() => swapHostKey(machine, other))
        .then(() => machine.faults.clearCommandFaults()),
    ]);
    expect(message).toMatch(/phase kexec, failed/);
    expect(message).toContain(fingerprint(bootstrapKey.publicKey));
    expect(message).toContain(fingerprint(other.publicKey));
    const commands = (await machine.sshCommands()).map(({ command }) => command ?? "");
    expect(commands.join("\n")).not.toContain("kexec");
    await swapHostKey(machine, bootstrapKey);
    expect((await install(spec)).outcome).toBe("installed");
  });

  test("after the reboot", async () => {
    const { spec, machine, finalKey } = await bareMachine(factory);
    const other = generateKeyPair();
    await machine.faults.onCommand("' fleet-leave-installer$", { kind: "hold" }, 1);
    const swapped = untilCommand(machine, "' fleet-leave-installer$").then(async () => {
      await machine.console(["umount", "-R", "/mnt"]);
      await machine.powerOff();
      await machine.withDisk(3, (root) =>
        writeFile(path.join(root, "etc/ssh/ssh_host_ed25519_key"), other.privateKey),
      );
      await machine.faults.clearCommandFaults();
      await machine.powerOn();
    });
    const [message] = await Promise.all([refusal(spec), swapped]);
    expect(message).toMatch(/phase reboot, failed/);
    expect(message).toContain(fingerprint(finalKey.publicKey));
    expect(message).toContain(fingerprint(other.publicKey));
    await machine.powerOff();
    await machine.withDisk(3, (root) =>
      writeFile(path.join(root, "etc/ssh/ssh_host_ed25519_key"), finalKey.privateKey),
    );
    await machine.powerOn();
    expect((await install(spec)).outcome).toBe("adopted");
  });
});

describe.concurrent("the machine fails", () => {
  test("its disk fills up while the system is copied; with room again the install goes on", async ({
    onTestFailed,
  }) => {
    const { spec, machine } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    const copy = "nix-store --serve --write.*mnt";
    await machine.faults.onCommand(copy, { kind: "hold" }, 1);
    const [message] = await Promise.all([
      refusal(spec),
      untilCommand(machine, copy)
        .then(() => machine.faults.fillDisk("/mnt"))
        .then(() => machine.faults.clearCommandFaults()),
    ]);
    expect(message).toMatch(/phase install, failed: .*No space left on device/s);
    await machine.faults.emptyDisk("/mnt");
    const lines: string[] = [];
    expect((await install(spec, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).toContain("done: disko, identity");
    expect(await formattings(machine)).toBe(1);
  });

  test("its boot loader cannot be installed; corrected, the install goes on", async ({ onTestFailed }) => {
    const { spec, machine } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    const copy = "nix-store --serve --write.*mnt";
    await machine.faults.onCommand(copy, { kind: "hold" }, 1);
    const obstacle = "/mnt/boot/loader";
    const [message] = await Promise.all([
      refusal(spec),
      untilCommand(machine, copy)
        .then(() => machine.console(["sh", "-c", `mkdir -p /mnt/boot && touch ${obstacle}`]))
        .then(() => machine.faults.clearCommandFaults()),
    ]);
    expect(message).toMatch(/phase install, failed: exit code \d+/);
    await machine.console(["rm", obstacle]);
    expect((await install(spec)).outcome).toBe("installed");
    expect(await formattings(machine)).toBe(1);
  });

  test("it never comes back from its last reboot: given up at the deadline; switched on again, it is adopted", async () => {
    const { spec, machine } = await bareMachine(factory);
    const off = untilCommand(machine, "' fleet-leave-installer$").then(() => machine.powerOff());
    const started = Date.now();
    const [message] = await Promise.all([
      refusal({ ...spec, deadlines: { ...spec.deadlines, reboot: 20 } }),
      off,
    ]);
    expect(message).toMatch(
      /phase reboot, failed: the installed system: \S+ port 22 could not be reached within \d+ s/,
    );
    expect(message).toContain("check the machine's console");
    expect(Date.now() - started).toBeLessThan(180_000);
    await machine.powerOn();
    expect((await install(spec)).outcome).toBe("adopted");
  });

  test("it never comes back from kexec: given up at the deadline; reset, it is installed", async () => {
    const { spec, machine } = await bareMachine(factory);
    const kexec = 'nixos-anywhere-kexec.sh"$';
    await machine.faults.onCommand(kexec, { kind: "hold" }, 1);
    const [message] = await Promise.all([
      refusal({ ...spec, deadlines: { ...spec.deadlines, kexec: 40 } }),
      untilCommand(machine, kexec)
        .then(() => machine.powerOff())
        .then(() => machine.faults.clearCommandFaults()),
    ]);
    expect(message).toMatch(/phase kexec, failed: (not done within 40 s|exit code \d+)/);
    expect(message).toContain("reset it in the cloud's console");
    await machine.powerOn();
    expect((await install(spec)).outcome).toBe("installed");
    expect(await formattings(machine)).toBe(1);
  });
});

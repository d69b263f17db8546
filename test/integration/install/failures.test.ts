import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { bareMachine, chooseNixosAnywhere, evaluateHost, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, refusal, showConsoleOnFailure } from "./installing.ts";
import { disk } from "./layouts.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(20);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

describe.concurrent("what fails, fails with a reason, and can be run again", () => {
  test("another host key is refused with the fingerprints; the machine sees no command", async () => {
    const { spec, bootstrapKey, machine } = await bareMachine(factory);
    const other = generateKeyPair();
    const message = await refusal({ ...spec, bootstrapHostKey: other.publicKey });
    for (const key of [other, spec.hostKey, bootstrapKey])
      expect(message).toContain(fingerprint(key.publicKey));
    expect(await machine.sshCommands()).toEqual([]);
  });

  test("a machine that never answers is given up at the deadline", async () => {
    const { spec, machine } = await bareMachine(factory);
    await machine.powerOff();
    const started = Date.now();
    const message = await refusal({ ...spec, deadlines: { ...spec.deadlines, contact: 4 } });
    expect(message).toMatch(/web: contact failed: \S+ port 22 could not be reached within \d s/);
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test("a system that does not build leaves the machine untouched", async () => {
    const { spec, machine } = await bareMachine(factory, { settings: { faults: { inject: "build" } } });
    expect(await refusal(spec)).toMatch(/web: build failed: /);
    expect((await machine.sshCommands()).map(({ command }) => command ?? "").join()).not.toContain("kexec");
  });

  test("a failing formatting is told; the corrected layout goes on in the installer", async ({
    onTestFailed,
  }) => {
    const { spec, machine, userKey } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    await machine.faults.onCommand("^/nix/store/.*-disko$", { kind: "fail", exitCode: 3 });
    expect(await refusal(spec)).toMatch(/^web: install, phase disko, failed: exit code \d+/);
    await machine.faults.clearCommandFaults();
    const lines: string[] = [];
    const corrected = { ...spec, system: await evaluateHost(userKey, disk("spare", "16M")) };
    expect((await install(corrected, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).toContain("going on with an interrupted install (done: nothing)");
    expect(lines.join("\n")).not.toContain("kexec");
  });

  test("a failing installation goes on after the formatting, which is not done again", async ({
    onTestFailed,
  }) => {
    const { spec, machine } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    await machine.faults.onCommand("nix-store --serve --write.*mnt", { kind: "fail", exitCode: 1 });
    expect(await refusal(spec)).toMatch(/^web: install, phase install, failed: exit code/);
    await machine.faults.clearCommandFaults();
    const lines: string[] = [];
    expect((await install(spec, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).toContain("done: disko, identity");
    expect(await formattings(machine)).toBe(1);
  });

  test("a system without the deploy key is found out after the reboot, not adopted and not wiped again", async () => {
    const { spec, machine } = await bareMachine(factory);
    const lockedOut = await evaluateHost(generateKeyPair());
    const message = await refusal({ ...spec, system: lockedOut });
    expect(message).toMatch(/phase reboot.*refuses the key for user "root"/s);
    expect(await formattings(machine)).toBe(1);
  });

  test("a stock image's user with sudo can install; the installed system has to know that user", async () => {
    const { spec, machine, userKey } = await bareMachine(factory, { user: "admin", image: "ubuntu-24.04" });
    const lockedOut = { ...spec, system: await evaluateHost(userKey, {}, ["root"]) };
    expect(await refusal(lockedOut)).toContain('no authorized key for user "admin"');
    const message = await refusal(spec);
    expect(message).toMatch(/phase reboot.*refuses the key for user "admin"/s);
    expect(message).toContain("users.users.admin.openssh.authorizedKeys.keys");
    const asRoot = { ...spec, connection: { ...spec.connection, user: "root" } };
    expect((await install(asRoot)).outcome).toBe("adopted");
    const users = (await machine.sshCommands()).map(({ user }) => user);
    expect(users[0]).toBe("admin");
    expect(new Set(users)).toEqual(new Set(["admin", "root"]));
  });
});

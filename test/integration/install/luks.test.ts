import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, refusal, showConsoleOnFailure, startInstall } from "./installing.ts";

// Two containers beside the root, which the kernel here can format and try keys on, and not open. One machine; in order.
let factory: TestMachineFactory;
let machine: TestMachine;
let spec: InstallSpec;
let lines: string[];

// Unlike anything else, also cut at its line end.
const password = "Zs7-correct-horse-battery-staple";
const key = "Qx9-first-line-of-a-key\nQx9-and-its-second-line\n";
const quick = ["--pbkdf pbkdf2", "--pbkdf-force-iterations 1000"];
const container = (name: string, options: object) => ({
  size: "20M",
  content: { type: "luks", name, extraFormatArgs: quick, ...options },
});
const layout = {
  home: container("home", { passwordFile: "/tmp/home.password" }),
  mail: container("mail", { settings: { keyFile: "/run/keys.d/mail.key" } }),
};
const settings = { disko: { devices: { disk: { main: { content: { partitions: layout } } } } } };

beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(20);
  factory = await createMachineFactory();
  ({ machine, spec } = await bareMachine(factory, { settings }));
  spec = { ...spec, diskKeys: { "/tmp/home.password": password, "/run/keys.d/mail.key": key } };
});
afterAll(() => factory.close());

/** Whether a text opens a container, by its first key slot. */
async function opens(partition: string, text: string): Promise<boolean> {
  const device = `/dev/disk/by-partlabel/disk-main-${partition}`;
  return await machine
    .console(["cryptsetup", "open", "--test-passphrase", "--key-file", "-", device], text)
    .then(
      () => true,
      () => false,
    );
}

test("a key that nobody delivers, and one that nobody reads, are told together before anything is changed", async () => {
  const message = await refusal({ ...spec, diskKeys: { "/tmp/home.pasword": password } });
  expect(message).toContain("this cannot work, for 3 reasons; nothing was changed");
  expect(message).toContain("reads a key from /tmp/home.password, and nothing provides it");
  expect(message).toContain("reads a key from /run/keys.d/mail.key, and nothing provides it");
  expect(message).toContain('reads none there; did you mean "/tmp/home.password"?');
  expect((await machine.sshCommands()).map(({ command }) => command ?? "").join()).not.toContain("kexec");
});

test("after a failure the keys are out of the installer's memory, and nothing in their place is overwritten", async () => {
  const elsewhere = { ...layout, mail: container("mail", { settings: { keyFile: "/etc/passwd" } }) };
  const changed = { disko: { devices: { disk: { main: { content: { partitions: elsewhere } } } } } };
  const other = await bareMachine(factory, { settings: changed });
  const message = await refusal({
    ...other.spec,
    diskKeys: { "/tmp/home.password": password, "/etc/passwd": key },
  });
  expect(message).toContain("/etc/passwd exists already: no key is put over it");
  expect(await other.machine.console(["sh", "-c", "ls -A /run/fleet /tmp; cat /proc/mounts"])).not.toMatch(
    /keys|home\.password/,
  );
  expect(await formattings(other.machine)).toBe(0);
  await other.machine.destroy();
});

test("a kill while the disks are formatted leaves keys in memory alone, and the next run takes over", async () => {
  showConsoleOnFailure(machine);
  const killed = startInstall(spec);
  await killed.until(/disko: formatting the disks/);
  await untilKeysAreThere();
  expect(
    await machine.console([
      "sh",
      "-c",
      "stat -L -c '%a %U' /tmp/home.password; stat -f -c %T /run/fleet/keys",
    ]),
  ).toBe("400 root\nramfs");
  killed.child.kill("SIGKILL");
  await killed.ended;
  lines = [];
  const installed = await install(spec, lines);
  expect(installed.outcome).toBe("installed");
  expect(lines.join("\n")).toContain("going on with an interrupted install");
  expect(lines.join("\n")).toContain("waits for the password at its console");
});

test("the keys fit, each as it is read: a password without its line end, a key to the last byte", async () => {
  expect(await opens("home", password)).toBe(true);
  expect(await opens("mail", key)).toBe(true);
  expect(await opens("home", key)).toBe(false);
  expect(await opens("mail", key.trimEnd())).toBe(false);
});

test("no key is in logs, in what was said, in a command, in the store or on the disk", async () => {
  const parts = [password, ...key.trimEnd().split("\n")];
  const commands = JSON.stringify(await machine.sshCommands());
  for (const part of parts) {
    expect(commands).not.toContain(part);
    expect(lines.join("\n")).not.toContain(part);
    for (const place of [spec.logDirectory, "/nix/store", machine.paths.diskImage, machine.paths.consoleLog])
      expect(() => execFileSync("grep", ["-rqaF", part, place]), place).toThrow();
  }
  // The search finds what is there.
  expect(() => execFileSync("grep", ["-rqaF", "formatting the disks", spec.logDirectory])).not.toThrow();
});

async function untilKeysAreThere(): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    const found = await machine.console(["sh", "-c", "cat /run/fleet/keys/links 2>/dev/null || true"]);
    if (found.trim().split("\n").length === 2) return;
    await sleep(50);
  }
  throw new Error("no key reached the installer");
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runDeploy } from "../../../cli/internal/deploy.ts";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { parseDiskRecord } from "../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { plainDeployment } from "../../plain-deployment.ts";
import {
  type BareMachine,
  bareMachine,
  chooseNixosAnywhere,
  evaluateHost,
  numberMachinesFrom,
} from "./bare-machine.ts";
import { formattings, install, onInstalled, refusal, showConsoleOnFailure } from "./installing.ts";
import { disk, furtherDisk } from "./layouts.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(30);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

/** Names of our programs that ran on the machine, `echo` for the greeting; other commands as they were. */
const remotePrograms = async (machine: TestMachine) =>
  (await machine.sshCommands()).map(({ command }) => {
    if (command === null) return "login";
    if (command.startsWith("echo fleet-ready")) return "echo";
    return /' fleet-([a-z-]+)(?: |$)/.exec(command)?.[1] ?? command;
  });
const looking = ["echo", "hold-lock", "inspect-machine", "inspect-host"];

test("what cannot work is told at once, and the machine is not touched", async () => {
  const { spec, machine, userKey } = await bareMachine(factory);
  const volume = await machine.attachVolume("7", 16);
  const little = "sed 's/^MemTotal:.*/MemTotal: 524288 kB/' /proc/meminfo >/run/meminfo";
  await machine.console(["sh", "-c", `${little} && mount --bind /run/meminfo /proc/meminfo`]);
  const devices = {
    ...furtherDisk("gone", "/dev/gone"),
    ...furtherDisk("volume", volume),
    ...furtherDisk("part", "/dev/sda1"),
    ...furtherDisk("none", "/dev/null"),
  };
  const system = await evaluateHost(userKey, {
    disko: { devices: { disk: devices } },
    faults: { inject: "keys" },
    services: { openssh: { openFirewall: false, settings: { PermitRootLogin: "no" } } },
    boot: { loader: { grub: { enable: false }, "systemd-boot": { enable: true } } },
  });
  const message = await refusal({ ...spec, system: { ...system, platform: "aarch64-linux" } });
  expect(message.split("\n").map((line) => line.trim())).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/phase facts, failed: this cannot work, for \d reasons; nothing was changed:$/),
      "the system is built for aarch64-linux, the machine is x86_64",
      expect.stringMatching(/^the machine has 512 MiB of RAM/),
      "the disk layout wants /dev/gone, and the machine has no such device",
      expect.stringMatching(/^the disk layout would format .*HC_Volume_7 \(\/dev\/sdb\), a cloud volume/),
      "the disk layout wants /dev/sda1 as a disk, and it is a partition",
      "the disk layout wants /dev/null, which is not a block device",
      expect.stringMatching(/^lock-out: the system's firewall blocks SSH/),
      expect.stringMatching(/^lock-out: the system has no authorized key for user "root"/),
    ]),
  );
  const startedByUefi = (await machine.console(["ls", "/sys/firmware"])).includes("efi");
  expect(message.includes("the machine boots by BIOS, and the system's boot loader cannot")).toBe(
    !startedByUefi,
  );
  expect(looking).toEqual(expect.arrayContaining(await remotePrograms(machine)));
});

test("partitions of disko's without a readable root: unreadable marker, and nothing is wiped", async () => {
  const { spec, machine } = await bareMachine(factory);
  showConsoleOnFailure(machine);
  await machine.faults.onCommand("nix-store --serve --write.*mnt", { kind: "fail", exitCode: 1 });
  expect(await refusal(spec)).toMatch(/^web: install, phase install, failed/);
  await machine.faults.clearCommandFaults();
  // As an encrypted root looks from outside, and one whose installer was started anew.
  await machine.console(["sh", "-c", "umount -R /mnt && wipefs -aq /dev/sda3 && rm /run/fleet/install.json"]);
  const message = await refusal(spec);
  expect(message).toMatch(
    /refused to install: its partitions .*disk-main-root \(\/dev\/sda3\).*unreadable marker/,
  );
  expect(message).toContain("set wipe: web");
  expect(await formattings(machine)).toBe(1);
  expect((await install({ ...spec, wipe: true })).outcome).toBe("installed");
  expect(await formattings(machine)).toBe(2);
});

describe("the layout of an installed host", () => {
  let bare: BareMachine;
  let changed: InstallSpec["system"];
  beforeAll(async () => {
    bare = await bareMachine(factory);
    await install(bare.spec);
    changed = await evaluateHost(bare.userKey, disk("spare", "16M"));
  });

  const deploy = async (changes: Partial<DeploySpec>) => {
    const { stack, host, aliases, connection, hostKey, system, logDirectory } = bare.spec;
    const deadlines = { contact: 30, lock: 30, build: 60, copy: 60, activate: 30, confirm: 20, reboot: 60 };
    const spec: DeploySpec = {
      ...plainDeployment,
      ...{ version: 1, stack, host, aliases, connection, system, logDirectory, deadlines },
      hostKey: hostKey.publicKey,
      ...changes,
    };
    return await runDeploy(JSON.stringify(spec), { signal: new AbortController().signal, write: () => {} });
  };
  const recorded = async () => parseDiskRecord(await onInstalled(bare.spec, "cat /etc/fleet/disks.json"));
  const record = (system: InstallSpec["system"]) => ({ version: 1, layout: system.diskLayout });
  const difference = "disk.main.content.partitions.spare: new";

  test("is recorded at the install", async () => {
    expect(await recorded()).toEqual(record(bare.spec.system));
    expect(await onInstalled(bare.spec, "stat -c '%a %U' /etc/fleet/disks.json")).toBe("644 root");
  });
  test("refuses a deployment for another one before anything travels, and an adoption", async () => {
    const before = (await remotePrograms(bare.machine)).length;
    const error = await deploy({ system: changed }).catch((error: unknown) => error);
    expect(String(error)).toContain("web: disk layout failed");
    expect(String(error)).toContain(difference);
    expect(await refusal({ ...bare.spec, system: changed })).toContain(difference);
    expect(await refusal({ ...bare.spec, system: changed, wipe: true })).toContain(difference);
    const programs = (await remotePrograms(bare.machine)).slice(before);
    expect(programs).toContain("inspect-machine");
    expect(looking).toEqual(expect.arrayContaining(programs));
    expect(await recorded()).toEqual(record(bare.spec.system));
  });
  test("is no hindrance for anything else, and stays", async () => {
    const page = await evaluateHost(bare.userKey, { environment: { etc: { motd: { text: "hello" } } } });
    expect(page.toplevel).not.toBe(bare.spec.system.toplevel);
    expect((await deploy({ system: page })).outcome).toBe("deployed");
    expect(await recorded()).toEqual(record(bare.spec.system));
  });
  test("is recorded anew when the change is accepted, also where nothing else is to be done", async () => {
    expect((await install({ ...bare.spec, system: changed, acceptDiskLayout: true })).outcome).toBe(
      "adopted",
    );
    expect(await recorded()).toEqual(record(bare.spec.system));
    await deploy({ system: changed, acceptDiskLayout: true });
    expect(await recorded()).toEqual(record(changed));
    expect((await deploy({ system: changed })).outcome).toBe("unchanged");
    await onInstalled(bare.spec, "rm /etc/fleet/disks.json");
    expect((await deploy({ system: changed })).outcome).toBe("unchanged");
    expect(await recorded()).toEqual(record(changed));
  });
  test("is the new one after a reinstall", async () => {
    const again = { ...bare.spec, reinstall: "2" };
    expect((await install(again)).outcome).toBe("installed");
    expect(await recorded()).toEqual(record(bare.spec.system));
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { bareMachine, chooseNixosAnywhere, evaluateHost, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, onInstalled, refusal } from "./installing.ts";
import { furtherDisk } from "./layouts.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(20);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

describe.concurrent("nothing is wiped that is not clearly ours", () => {
  test("a cloud volume, named by its id, its kernel's name, or a link of one's own", async () => {
    const { spec, machine, userKey } = await bareMachine(factory);
    const byId = await machine.attachVolume("9", 16);
    await machine.console(["ln", "-s", byId, "/dev/data"]);
    for (const name of [byId, "/dev/sdb", "/dev/data"]) {
      const settings = { disko: { devices: { disk: furtherDisk("data", name) } } };
      const message = await refusal({ ...spec, wipe: true, system: await evaluateHost(userKey, settings) });
      expect(message).toMatch(/the disk layout would format \S+.*, a cloud volume: it holds data/);
    }
    expect(await formattings(machine)).toBe(0);
  });

  test("a volume that only the stack knows for one, where the disk itself is one too", async () => {
    const { spec, machine, userKey } = await bareMachine(factory);
    const byId = await machine.attachVolume("7", 16, "scsi-0SCW_sbs_volume-7");
    const settings = { disko: { devices: { disk: furtherDisk("data", "/dev/sdb") } } };
    const system = await evaluateHost(userKey, settings);
    const message = await refusal({ ...spec, wipe: true, volumes: [byId], system });
    expect(message).toMatch(/the disk layout would format \S+.*, a cloud volume: it holds data/);
    expect(await formattings(machine)).toBe(0);
  });

  test("the data of an existing machine: disks, sizes and file systems are listed; wipe allows it", async () => {
    const { spec, machine } = await bareMachine(factory);
    await machine.attachVolume("8", 32);
    await machine.console(["mkfs.ext4", "-q", "/dev/sdb"]);
    const existing = { ...spec, provider: "existing" as const };
    const message = await refusal(existing);
    expect(message).toContain("refused to install: it is an existing machine (debian)");
    expect(message).toMatch(/\/dev\/sda 512 MiB.*\/dev\/sda1 \S+ MiB ext4.*\/dev\/sdb 32 MiB ext4/);
    expect(await formattings(machine)).toBe(0);
    expect((await install({ ...existing, wipe: true })).outcome).toBe("installed");
    expect((await machine.console(["blkid", "-o", "value", "-s", "TYPE", "/dev/sdb"])).trim()).toBe("ext4");
  });

  test("a NixOS without an identity of ours, one of somebody else, and one that cannot be read", async () => {
    const { spec, machine } = await bareMachine(factory);
    const { installId } = await install(spec);
    const identity = "/etc/fleet/identity.json";
    await onInstalled(spec, `mv ${identity} /root/kept.json`);
    expect(await refusal(spec)).toContain(
      "refused to install: it runs a NixOS that this stack did not install",
    );
    await onInstalled(spec, `echo '{' >${identity}`);
    expect(await refusal(spec)).toContain("refused to install: its identity cannot be read");
    await onInstalled(spec, `sed 's/"host":"web"/"host":"db"/' /root/kept.json >${identity}`);
    const foreign = await refusal({ ...spec, reinstall: "2" });
    expect(foreign).toContain("refused to install: it is db of stack pulumi-nixos/test");
    expect(foreign).toContain("set wipe: web");
    await onInstalled(spec, `cp /root/kept.json ${identity}`);
    expect(await install(spec)).toMatchObject({ outcome: "adopted", installId });
    expect(await formattings(machine)).toBe(1);
  });

  test("a host whose server is held to its final key: the bootstrap key does not do any more", async () => {
    const { spec, machine, bootstrapKey } = await bareMachine(factory);
    const message = await refusal({ ...spec, bootstrapHostKey: null, reinstall: "2" });
    expect(message).toMatch(/shows another host key/);
    const { fingerprint } = await import("../../../runtime/ssh/fingerprint.ts");
    expect(message).toContain(fingerprint(bootstrapKey.publicKey));
    expect(message).toContain("wipe: web");
    expect(await machine.sshCommands()).toEqual([]);
  });
});

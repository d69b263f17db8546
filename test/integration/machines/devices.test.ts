import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { namespaceExists } from "../../harness/machines/network.ts";
import { wireNamespace } from "../../harness/machines/private-wires.ts";
import { testAddress } from "../addresses.ts";
import { Contact } from "./contact.ts";

const addresses = [testAddress(70), testAddress(71)] as const;
const [address, otherAddress] = addresses;
const blockDevices = z.object({ blockdevices: z.array(z.object({ name: z.string(), size: z.number() })) });
let factory: TestMachineFactory;
let contact: Contact;
let machine: TestMachine;
let other: TestMachine;

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
  const make = (id: string, ipv4: string) =>
    factory.create({
      id,
      hostname: id,
      ipv4,
      ipv6: null,
      memoryMiB: 1024,
      diskMiB: 128,
      image: "debian-12",
      userData: contact.userData(),
      authorizedKeys: [],
      bootDelayMs: 100,
    });
  [machine, other] = await Promise.all([make("devices", address), make("devices-other", otherAddress)]);
  await Promise.all(addresses.map((target) => contact.reach(target)));
});

afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

/** Names and sizes of what a machine's lsblk shows, without partitions. */
async function disksOf(target: string): Promise<{ name: string; size: number }[]> {
  const json = await contact.must(target, "lsblk --json --bytes --nodeps --output NAME,SIZE");
  return blockDevices.parse(JSON.parse(json)).blockdevices;
}

const mib = 1024 * 1024;

test("a volume comes and goes while the machine runs, keeps its data, and moves to another machine", async () => {
  const device = await machine.attachVolume("4711", 64);
  expect(device).toBe("/dev/disk/by-id/scsi-0HC_Volume_4711");
  expect(await disksOf(address)).toEqual([
    { name: "sda", size: 128 * mib },
    { name: "sdb", size: 64 * mib },
  ]);
  expect(await disksOf(otherAddress)).toEqual([{ name: "sda", size: 128 * mib }]);
  await contact.must(
    address,
    `mkfs.ext4 -q ${device}; mount ${device} /mnt; echo kept >/mnt/data; umount /mnt`,
  );
  expect(await machine.attachVolume("4711", 64)).toBe(device);
  await machine.detachVolume("4711");
  await machine.detachVolume("4711");
  expect(await contact.must(address, "ls -d /dev/sd* | xargs")).toBe("/dev/sda /dev/sda1");
  expect((await contact.ssh(address, `test -e ${device}`)).ok).toBe(false);
  await other.attachVolume("4711", 64);
  expect(await contact.must(otherAddress, `mount ${device} /mnt; cat /mnt/data; umount /mnt`)).toBe("kept");
  await other.detachVolume("4711");
});

test("a volume survives its machine's reboot and power-off under the same name", async () => {
  const device = await machine.attachVolume("4712", 32);
  await contact.must(address, `printf kept | dd of=${device} conv=fsync status=none`);
  await machine.powerOff();
  await machine.powerOn();
  await contact.reach(address);
  expect(await contact.must(address, `head -c 4 ${device}; readlink ${device}`)).toBe("kept../../sdb");
  await machine.detachVolume("4712");
});

test("a destroyed volume is blank when its id comes back", async () => {
  const device = await machine.attachVolume("4713", 16);
  await contact.must(address, `printf data | dd of=${device} conv=fsync status=none`);
  await machine.detachVolume("4713");
  await factory.destroyVolume("4713");
  await machine.attachVolume("4713", 16);
  expect(await contact.must(address, `head -c 4 ${device} | od -An -tx1`)).toBe(" 00 00 00 00");
  await machine.detachVolume("4713");
});

test("partitions and their links are there as soon as the partitioning tool returns, and go with the table", async () => {
  const device = await machine.attachVolume("4714", 64);
  const list =
    "cd /dev; ls -d sdb* | xargs; readlink disk/by-partlabel/data; readlink disk/by-id/*4714-part2";
  expect(await contact.must(address, `sgdisk -n1:0:+8M -n2:0:0 -c2:data ${device} >/dev/null; ${list}`)).toBe(
    "sdb sdb1 sdb2\n../../sdb2\n../../sdb2",
  );
  await contact.must(address, "mkfs.ext4 -q -L labelled /dev/sdb2; udevadm settle");
  expect(await contact.must(address, "readlink /dev/disk/by-label/labelled")).toBe("../../sdb2");
  expect(await contact.must(address, "sgdisk --zap-all /dev/sdb >/dev/null; ls -d /dev/sdb* | xargs")).toBe(
    "/dev/sdb",
  );
  await machine.detachVolume("4714");
});

test("what a test machine cannot do is an error, not silence", async () => {
  for (const command of ["udevadm monitor", "reboot --firmware-setup", "cloud-init clean"])
    expect((await contact.ssh(address, command)).stderr).toContain("not supported on a test machine");
});

test("cards come and go while machines run, each private network is a wire of its own, and leases outlive a restart", async () => {
  // Of this worker's own, as private networks are named all over the world.
  const network = (name: string, gateway: string | null) => ({
    id: `devices-${testAddress(70)}-${name}`,
    range: "10.7.0.0/16",
    gateway,
    mtu: 1450,
  });
  const [routed, plain] = [network("routed", "10.7.0.1"), network("plain", null)];
  const card = (of: typeof routed, number: number) => ({
    network: of,
    mac: `86:00:00:00:${of === routed ? "01" : "02"}:0${number}`,
    address: `10.7.1.${number}`,
  });
  const cards = async (target: string) => {
    const text = await contact.must(target, "ip -4 -o address show");
    return [...text.matchAll(/(eth[1-9]) +inet (\S+)/g)].map(([, name, at]) => `${name} ${at}`);
  };
  const ping = async (interface_: string) =>
    (await contact.ssh(address, `ping -c 1 -W 3 -I ${interface_} 10.7.1.2`)).ok;

  await machine.setPrivateCards([card(plain, 1), card(routed, 1)]);
  await other.setPrivateCards([card(routed, 2)]);
  expect(await cards(address)).toEqual(["eth1 10.7.1.1/16", "eth2 10.7.1.1/32"]);
  expect(await contact.must(address, "cat /sys/class/net/eth2/address /sys/class/net/eth2/mtu")).toBe(
    "86:00:00:00:01:01\n1450",
  );
  expect(await cards(otherAddress)).toEqual(["eth1 10.7.1.2/32"]);
  await machine.setPrivateCards([card(routed, 1)]);
  expect(await cards(address)).toEqual(["eth2 10.7.1.1/32"]);
  expect(await ping("eth2")).toBe(true);

  await machine.setPrivateCards([card(routed, 1), card(plain, 3)]);
  expect(await ping("eth1")).toBe(false);
  await machine.setPrivateCards([card(routed, 1)]);
  await machine.reset();
  await contact.reach(address);
  expect(await cards(address)).toEqual(["eth1 10.7.1.1/32"]);
  expect(await ping("eth1")).toBe(true);

  const wires = () => [routed, plain].map(({ id }) => namespaceExists(wireNamespace(id)));
  expect(wires()).toEqual([true, false]);
  for (const each of [machine, other]) await each.setPrivateCards([]);
  expect([await cards(address), await cards(otherAddress)]).toEqual([[], []]);
  expect(wires()).toEqual([false, false]);
});

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { testAddress } from "../addresses.ts";
import { Contact, eventually } from "./contact.ts";

const expression = fileURLToPath(new URL("system.nix", import.meta.url));
const address = testAddress(60);
let factory: TestMachineFactory;
let contact: Contact;
let machine: TestMachine;
/** Store paths of the systems named one and two, built on the machine. */
let systems: { one: string; two: string };

const partition = `set -e
sgdisk --zap-all /dev/sda
sgdisk --new=1:0:+1M --typecode=1:ef02 --new=2:0:+32M --typecode=2:ef00 --new=3:0:0 --change-name=3:disk-main-root /dev/sda
mkfs.ext4 -q /dev/disk/by-partlabel/disk-main-root
mount /dev/disk/by-partlabel/disk-main-root /mnt`;

/** Builds a system into /mnt by the machine's own Nix; its path. */
async function buildSystem(name: string): Promise<string> {
  await contact.must(address, "cat >/root/system.nix", await readFile(expression, "utf8"));
  const set = `--argstr name ${name} --argstr key '${contact.userPublicKey}'`;
  return await contact.must(address, `nix-build --store /mnt --no-out-link ${set} /root/system.nix`);
}

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
  machine = await factory.create({
    id: "installed",
    hostname: "installed",
    ipv4: address,
    ipv6: null,
    memoryMiB: 2048,
    diskMiB: 512,
    image: "debian-12",
    userData: contact.userData(),
    authorizedKeys: [],
    bootDelayMs: 100,
  });
  await contact.reach(address);
  const stock = await contact.bootId(address);
  expect(await contact.must(address, "kexec-into-installer 0.1")).toBe(
    "machine will boot into nixos in 0.1s...",
  );
  await contact.bootIdAfter(address, stock);
});

afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

describe("from installer to installed system", () => {
  test("the installer keeps host key, authorized keys and address, and nothing else", async () => {
    const seen = await contact.must(
      address,
      ". /etc/os-release; echo $ID $VARIANT_ID; hostname; ls /mnt /root; df --output=fstype / | tail -1",
    );
    expect(seen).toBe("nixos installer\nnixos-installer\n/mnt:\n\n/root:\noverlay");
    expect(await contact.must(address, "test -e /etc/ssh/ssh_host_rsa_key || echo none")).toBe("none");
  });

  test("a disk with partitions but no system is not a bootable device", async () => {
    await contact.must(address, partition);
    const listed = await contact.must(
      address,
      "ls /dev/sda* | xargs; readlink /dev/disk/by-partlabel/disk-main-root; findmnt -no FSTYPE,SOURCE /mnt",
    );
    expect(listed).toBe("/dev/sda /dev/sda1 /dev/sda2 /dev/sda3\n../../sda3\next4 /dev/sda3");
    await machine.reset();
    await eventually("the firmware's verdict", async () =>
      (await readFile(machine.paths.consoleLog, "utf8")).endsWith("[firmware] no bootable device\n"),
    );
    expect(machine.powerState()).toBe("running");
    expect((await contact.ssh(address, "true")).ok).toBe(false);
  });

  test("a disk can be worked on while the machine is off", async () => {
    await expect(machine.withDisk(3, async () => undefined)).rejects.toThrow("in use while it runs");
    await machine.powerOff();
    const content = await machine.withDisk(3, async (root) => {
      await mkdir(path.join(root, "boot/loader"), { recursive: true });
      await writeFile(path.join(root, "boot/loader/default"), "/nix/store/nothing\n");
      return "written";
    });
    expect(content).toBe("written");
    await machine.powerOn();
    await eventually("the boot loader's verdict", async () =>
      (await readFile(machine.paths.consoleLog, "utf8")).includes("/nix/store/nothing is not bootable"),
    );
  });

  test("nixos-install is strict and refuses what would not become a system", async () => {
    await machine.rebuild("debian-12", contact.userData());
    await contact.reach(address);
    const stock = await contact.bootId(address);
    await contact.must(address, "kexec-into-installer 0.1");
    await contact.bootIdAfter(address, stock);
    const attempt = async (args: string) => (await contact.ssh(address, `nixos-install ${args}`)).stderr;
    expect(await attempt("--no-root-passwd --system /nix/store/x")).toContain("/mnt is not a mount point");
    await contact.must(address, partition);
    expect(await attempt("--no-root-passwd --system /nix/store/x")).toContain("is not in the store of /mnt");
    expect(await attempt("--no-root-passwd --flake .#x --system /nix/store/x")).toContain(
      "unknown option '--flake'",
    );
    expect(await attempt("--system /nix/store/x")).toContain("--no-root-passwd");
  });

  test("an installed system boots from its partition, with its own keys", async () => {
    systems = { one: await buildSystem("one"), two: await buildSystem("two") };
    await contact.must(address, `nixos-install --no-root-passwd --no-channel-copy --system ${systems.one}`);
    await contact.must(
      address,
      "mkdir -p /mnt/etc/ssh && cp -a /etc/ssh/ssh_host_ed25519_key* /mnt/etc/ssh/",
    );
    const installer = await contact.bootId(address);
    await contact.ssh(address, "reboot");
    await contact.bootIdAfter(address, installer);
    const seen = await contact.must(
      address,
      "cat /etc/name; findmnt -no SOURCE,FSTYPE /; cat /root/.ssh/authorized_keys 2>/dev/null; cat /var/log/boots; readlink /nix/var/nix/profiles/system-1-link",
    );
    expect(seen).toBe(`one\n/dev/sda3 ext4\none install-bootloader=1\none booted\n${systems.one}`);
    expect(
      await contact.must(address, "nix-store --query --requisites /nix/var/nix/profiles/system"),
    ).toContain(systems.one);
  });

  test("the Nix daemon builds in a sandbox, as another user", async () => {
    const derivation = `derivation {
      name = "who"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin";
      args = [ "-c" "{ id -un; test -e /root || echo sandboxed; } >$out" ];
    }`;
    await contact.must(address, "cat >/root/who.nix", derivation);
    const built = await contact.must(address, "cat $(nix-build --store daemon --no-out-link /root/who.nix)");
    expect(built).toMatch(/^nixbld1?\nsandboxed$/);
  });

  test("a one-shot boot entry is used once", async () => {
    const first = await contact.bootId(address);
    await contact.ssh(address, `echo ${systems.two} >/boot/loader/oneshot; reboot`);
    const second = await contact.bootIdAfter(address, first);
    expect(await contact.must(address, "cat /etc/name; ls /boot/loader")).toBe("two\ndefault");
    await contact.ssh(address, "reboot");
    await contact.bootIdAfter(address, second);
    expect(await contact.must(address, "cat /etc/name")).toBe("one");
  });
});

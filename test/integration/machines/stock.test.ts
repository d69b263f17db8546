import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MachineSpec } from "../../harness/machines/contract.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { hostNumber, testAddress } from "../addresses.ts";
import { Contact, eventually } from "./contact.ts";

let factory: TestMachineFactory;
let contact: Contact;
let made = 0;

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
});

afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

/** A machine with an address of its own that knows our keys. */
async function boot(changes: Partial<MachineSpec> = {}) {
  made += 1;
  const address = testAddress(20 + made);
  const address6 = `2001:db8:a:${hostNumber(20 + made)}::1`;
  const machine = await factory.create({
    id: `stock-${made}`,
    hostname: `stock-${made}`,
    ipv4: address,
    ipv6: address6,
    memoryMiB: 2048,
    diskMiB: 256,
    image: "debian-12",
    userData: contact.userData(),
    authorizedKeys: [],
    bootDelayMs: 100,
    ...changes,
  });
  return { machine, address, address6 };
}

describe("a stock image", () => {
  test("is up with the host key and the authorized key of its user data, and the image's own identity", async () => {
    const { address } = await boot({ image: "ubuntu-24.04" });
    await contact.reach(address);
    const release = await contact.must(address, "cat /etc/os-release; hostname; cloud-init status --wait");
    expect(release).toContain("ID=ubuntu\n");
    expect(release).toContain('VERSION_ID="24.04"');
    expect(release).toMatch(/\nstock-\d+\nstatus: done$/);
    const keys = await contact.must(address, "ls /etc/ssh/ssh_host_*");
    expect(keys.split("\n")).toEqual(["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub"]);
  });

  test("has no Nix, the memory that was ordered, and only its own disk", async () => {
    const { address } = await boot({ memoryMiB: 3072, diskMiB: 300 });
    await contact.reach(address);
    expect((await contact.ssh(address, "command -v nix")).exitCode).not.toBe(0);
    expect(await contact.must(address, "grep MemTotal /proc/meminfo")).toMatch(/ 3145728 kB$/);
    expect(await contact.must(address, "cd /dev; ls -d sd* loop[0-9]* vd* 2>/dev/null | xargs")).toBe(
      "sda sda1",
    );
    expect(await contact.must(address, "blockdev --getsize64 /dev/sda")).toBe(String(300 * 1024 * 1024));
    expect(await contact.must(address, "readlink -f /dev/disk/by-partlabel/cloudimg-rootfs")).toBe(
      "/dev/sda1",
    );
  });

  test("refuses a wrong host key and a user without authorized key", async () => {
    const { address } = await boot();
    await contact.reach(address);
    const stranger = await Contact.create();
    expect((await stranger.ssh(address, "true")).stderr).toContain("Host key verification failed");
    await stranger.pin(contact.hostPublicKey);
    expect((await stranger.ssh(address, "true")).stderr).toContain("Permission denied (publickey)");
    await stranger.remove();
  });

  test("takes keys from the cloud's metadata, and users with sudo", async () => {
    const operator = await Contact.create();
    await operator.pin(contact.hostPublicKey);
    const users = [
      { name: "deploy", ssh_authorized_keys: [contact.userPublicKey], sudo: "ALL=(ALL) NOPASSWD:ALL" },
    ];
    const { address } = await boot({
      authorizedKeys: [operator.userPublicKey],
      userData: contact.userData({ users, ssh_authorized_keys: [] }),
    });
    await operator.reach(address);
    expect((await contact.ssh(address, "true")).stderr).toContain("Permission denied");
    expect((await contact.ssh(address, "id -un; sudo id -un", { user: "deploy" })).stdout).toBe(
      "deploy\nroot",
    );
    await operator.remove();
  });

  test("reports user data it does not know, on the console and as cloud-init's status", async () => {
    const { machine } = await boot({ userData: contact.userData({ package_upgrade: true }) });
    await eventually("end of boot", async () =>
      (await readFile(machine.paths.consoleLog, "utf8")).includes("[init] up"),
    );
    expect(await readFile(machine.paths.consoleLog, "utf8")).toContain("package_upgrade");
    await expect(machine.console(["cloud-init", "status", "--wait"])).rejects.toThrow("status: error");
  });

  test("notes every SSH command as it was sent", async () => {
    const { machine, address } = await boot();
    await contact.reach(address);
    const command = 'echo "a\\b"\n\techo $HOME';
    await contact.must(address, command);
    const [, noted] = await machine.sshCommands();
    expect(noted).toMatchObject({ user: "root", command });
    expect(Math.abs((noted?.time ?? 0) - Date.now() / 1000)).toBeLessThan(30);
  });
});

describe("power", () => {
  test("a reboot keeps disk and host key and gives a new boot id", async () => {
    const { machine, address } = await boot();
    await contact.reach(address);
    const before = await contact.bootId(address);
    await contact.must(address, "echo kept >/root/kept");
    await contact.ssh(address, "reboot");
    const after = await contact.bootIdAfter(address, before);
    expect(after).toMatch(/^[0-9a-f-]{36}$/);
    expect(await contact.must(address, "cat /root/kept; wc -l </root/.ssh/authorized_keys")).toBe("kept\n1");
    expect(await readFile(machine.paths.powerLog, "utf8")).toContain("restart by the system");
  });

  test("off means gone, on means back, reset means another boot, poweroff is believed", async () => {
    const { machine, address } = await boot();
    await contact.reach(address);
    const first = await contact.bootId(address);
    await machine.powerOff();
    expect(machine.powerState()).toBe("off");
    expect((await contact.ssh(address, "true")).ok).toBe(false);
    await machine.powerOn();
    await machine.powerOn();
    expect(machine.powerState()).toBe("running");
    const second = await contact.bootIdAfter(address, first);
    await machine.reset();
    const third = await contact.bootIdAfter(address, second);
    expect(new Set([first, second, third]).size).toBe(3);
    await contact.ssh(address, "poweroff");
    await eventually("power off by the system", async () => machine.powerState() === "off");
  });

  test("the power button lets the system shut down by itself", async () => {
    const { machine, address } = await boot();
    await contact.reach(address);
    await machine.shutdown();
    expect(machine.powerState()).toBe("off");
    const console = await readFile(machine.paths.consoleLog, "utf8");
    expect(console).toContain("[init] powering off");
    expect(await readFile(machine.paths.powerLog, "utf8")).toContain("power off by the system");
  });

  test("a rebuild is a fresh disk with another image, and cloud-init's next first boot", async () => {
    const { machine, address } = await boot();
    await contact.reach(address);
    await contact.must(address, "echo old >/root/old");
    await machine.rebuild("debian-13", contact.userData({ hostname: "reborn" }));
    await contact.reach(address);
    const seen = await contact.must(address, "ls /root; . /etc/os-release; echo $ID $VERSION_ID; hostname");
    expect(seen).toBe("debian 13\nreborn");
  });

  test("a destroyed machine leaves nothing and its name can be used again", async () => {
    const spec = { id: "phoenix", hostname: "phoenix" };
    const { machine, address } = await boot(spec);
    await contact.reach(address);
    await machine.destroy();
    await machine.destroy();
    await expect(readFile(machine.paths.consoleLog)).rejects.toThrow("ENOENT");
    expect((await contact.ssh(address, "true")).ok).toBe(false);
    expect(factory.find("phoenix")).toBeUndefined();
    const again = await boot(spec);
    await contact.reach(again.address);
    await again.machine.destroy();
  });
});

describe("network", () => {
  test("machines reach each other over IPv4 and IPv6, and the operator reaches both", async () => {
    const one = await boot();
    const two = await boot();
    await Promise.all([contact.reach(one.address), contact.reach(two.address6)]);
    const ping = (target: string) =>
      contact.must(one.address, `ping -c 1 -W 2 ${target} >/dev/null && echo yes`);
    expect(await ping(two.address)).toBe("yes");
    expect(await ping(two.address6)).toBe("yes");
  });

  test("there is no way out", async () => {
    const { address } = await boot();
    await contact.reach(address);
    const attempt = await contact.ssh(address, "ping -c 1 -W 2 192.0.2.1 2>&1");
    expect(attempt.ok).toBe(false);
    expect(attempt.stdout).toContain("Unreachable");
  });

  test("new addresses take effect at once, also with one family only", async () => {
    const { machine, address, address6 } = await boot({ ipv6: null });
    await contact.reach(address);
    const boot1 = await contact.bootId(address);
    await machine.setAddresses(null, address6);
    expect(await contact.bootId(address6)).toBe(boot1);
    expect((await contact.ssh(address, "true")).ok).toBe(false);
  });
});

test("a machine that cannot be is refused with all errors", async () => {
  await expect(boot({ id: "No Good", ipv4: "nowhere" })).rejects.toThrow(
    /id "No Good", IPv4 address "nowhere"/,
  );
  await expect(boot({ image: "windows" })).rejects.toThrow('unknown stock image "windows"');
});

import { connect } from "node:net";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { testAddress } from "../addresses.ts";
import { Contact, eventually } from "../machines/contact.ts";
import { miniatureFlake, nixOutput, repository } from "./nix.ts";

const address = testAddress(61);
let factory: TestMachineFactory;
let machine: TestMachine;
let contact: Contact;

const must = (command: string) => contact.must(address, command);
/** What the machine's web server says; null when it says nothing. */
const page = async () =>
  await fetch(`http://${address}/`, { signal: AbortSignal.timeout(3000) }).then(
    (answer) => answer.text(),
    () => null,
  );

/** A system attribute of a host that lets the contact in, as a Nix expression. */
const systemOf = (host: string, attribute: string) =>
  `((import "${repository}/test/integration/miniflake/wrapped.nix" {
    flake = "${miniatureFlake}"; host = "${host}"; fleetModule = "${repository}/hosts/modules/fleet.nix";
    modules = [ { fleet.deployKeys = [ "${contact.userPublicKey}" ]; } ];
  }).config.system.build.${attribute})`;

const build = (host: string, attribute: string) =>
  nixOutput("build", "--impure", "--no-link", "--print-out-paths", "--expr", systemOf(host, attribute));

async function copy(storePath: string, remoteStore = "", ...options: readonly string[]): Promise<void> {
  const settings = ["-i", path.join(contact.folder, "user"), "-F", "none", "-o", "IdentitiesOnly=yes"];
  settings.push(
    "-o",
    `UserKnownHostsFile=${path.join(contact.folder, "known_hosts")}`,
    "-o",
    "BatchMode=yes",
  );
  await execa("nix", ["copy", ...options, "--to", `ssh://root@${address}${remoteStore}`, storePath], {
    env: { NIX_SSHOPTS: settings.join(" ") },
    timeout: 60_000,
  });
}

/** Whether the machine takes a TCP connection within a second. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: address, port, timeout: 1000 });
  const event = await Promise.race(
    ["connect", "timeout", "error"].map(
      (name) => new Promise((resolve) => socket.once(name, () => resolve(name))),
    ),
  );
  socket.destroy();
  return event === "connect";
}

async function reboot(): Promise<void> {
  const before = await contact.bootId(address);
  await contact.ssh(address, "reboot");
  await contact.bootIdAfter(address, before);
}

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
  machine = await factory.create({
    id: "miniature",
    hostname: "miniature",
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
  await must("kexec-into-installer 0.1");
  await contact.bootIdAfter(address, stock);
});
afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

describe("a machine installed with the miniature flake", () => {
  test("diskoScript partitions, formats and mounts; again, it starts afresh", async () => {
    const script = await build("web", "diskoScript");
    await copy(script);
    for (const run of ["first", "second"]) {
      await must(script);
      expect(await must("findmnt -no SOURCE,FSTYPE /mnt; ls /mnt")).toBe("/dev/sda3 ext4\nlost+found");
      expect(await must("ls /dev/disk/by-partlabel")).toBe("disk-main-ESP\ndisk-main-boot\ndisk-main-root");
      expect(await must("sgdisk --print /dev/sda | grep -c EF0[02]")).toBe("2");
      await must(`echo ${run} >/mnt/data`);
    }
  });

  test("formatScript and mountScript leave what is there", async () => {
    const [format, mount] = [await build("web", "formatScript"), await build("web", "mountScript")];
    await copy(format);
    await copy(mount);
    await must("umount /mnt");
    await must(format);
    expect(await must("findmnt -no SOURCE /mnt || echo not mounted")).toBe("not mounted");
    await must(mount);
    await must(mount);
    expect(await must("cat /mnt/data")).toBe("second");
  });

  test("a device that does not exist: nothing is touched", async () => {
    const script = await build("baddisk", "diskoScript");
    await copy(script);
    const { exitCode, stderr } = await contact.ssh(address, script);
    expect([exitCode, stderr]).toEqual([1, "disko: /dev/does-not-exist is not a block device"]);
    expect(await must("cat /mnt/data")).toBe("second");
  });

  test("boots into the system, which serves its page and lets the deploy key in", async () => {
    const system = await build("web", "toplevel");
    await copy(system, "?remote-store=local%3Froot=%2Fmnt");
    await must("mkdir -p /mnt/etc/ssh && cp -a /etc/ssh/ssh_host_ed25519_key* /mnt/etc/ssh/");
    await must(`nixos-install --no-root-passwd --no-channel-copy --system ${system}`);
    expect(await must("cat /mnt/boot/loader/default")).toBe(system);
    await reboot();
    expect(
      await must("readlink /run/current-system /run/booted-system; hostname; . /etc/os-release; echo $ID"),
    ).toBe(`${system}\n${system}\nweb\nnixos`);
    expect(await page()).toBe("Hello from web, version 1\n");
    expect(await must("cat /etc/ssh/authorized_keys.d/root")).toBe(contact.userPublicKey);
  });

  test("services outlive the connection that started them, and survive a reboot after `boot`", async () => {
    const web = await must("readlink /run/current-system");
    const db = await build("db", "toplevel");
    await copy(db);
    await must(`${db}/bin/switch-to-configuration test`);
    expect(await must("systemctl is-active database")).toBe("active");
    expect(await page()).toBeNull();
    await reboot();
    expect(await must("readlink /run/current-system")).toBe(web);
    await must(`${db}/bin/switch-to-configuration boot`);
    await reboot();
    expect(await must("hostname; systemctl is-active database")).toBe("db\nactive");
  });

  test("builds in the sandbox of the machine to the same path", async () => {
    const derivation = await nixOutput(
      "eval",
      "--impure",
      "--raw",
      "--expr",
      `${systemOf("badactivate", "toplevel")}.drvPath`,
    );
    await copy(derivation, "", "--derivation");
    const built = await must(`nix-store --store daemon --realise ${derivation}`);
    expect(built).toBe(await build("badactivate", "toplevel"));
    expect(await must("nix config show sandbox")).toBe("true");
  });

  test("the ssh fault cuts the machine off, a reset brings the boot default back", async () => {
    const db = await must("readlink /run/current-system");
    const bad = await build("killssh", "toplevel");
    await copy(bad);
    const before = await contact.bootId(address);
    const later = `sleep 0.5; ${bad}/bin/switch-to-configuration test`;
    await must(`setsid --fork sh -c '${later}' >/dev/null 2>&1`);
    await eventually("a machine cut off", async () => !(await accepts(22)));
    await machine.reset();
    await contact.bootIdAfter(address, before);
    expect(
      await must("readlink /run/current-system; tail -n 1 /var/log/activations | cut -d ' ' -f 2,3"),
    ).toBe(`${db}\ntest ${bad}`);
  });
});

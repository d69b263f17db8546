import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { testAddress } from "../addresses.ts";
import { Contact, eventually } from "./contact.ts";

const address = testAddress(50);
let factory: TestMachineFactory;
let contact: Contact;
let machine: TestMachine;

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
  machine = await factory.create({
    id: "faulty",
    hostname: "faulty",
    ipv4: address,
    ipv6: null,
    memoryMiB: 1024,
    diskMiB: 96,
    image: "debian-12",
    userData: contact.userData(),
    authorizedKeys: [],
    bootDelayMs: 100,
  });
  await contact.reach(address);
});

afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

test("sshd that is stopped stays away over a reboot, and comes back", async () => {
  await machine.faults.stopSsh();
  expect((await contact.ssh(address, "true")).stderr).toContain("Connection refused");
  await machine.reset();
  await eventually("the next boot", async () =>
    (await readFile(machine.paths.consoleLog, "utf8")).endsWith("[init] up\n"),
  );
  expect((await contact.ssh(address, "true")).ok).toBe(false);
  await machine.faults.startSsh();
  await contact.reach(address);
});

test("a pulled cable makes connections hang", async () => {
  await machine.faults.pullCable();
  expect((await contact.ssh(address, "true")).stderr).toMatch(/timed out|No route to host/);
  await machine.faults.plugCable();
  await contact.reach(address);
});

test("a full disk refuses the next byte until it is emptied", async () => {
  await machine.faults.fillDisk("/root");
  expect((await contact.ssh(address, "head -c 100000 /dev/zero >/root/more")).stderr).toContain(
    "No space left",
  );
  await machine.faults.emptyDisk("/root");
  await contact.must(address, "head -c 100000 /dev/zero >/root/more");
});

test("a command fails, as often as asked, and only the one that is meant", async () => {
  await machine.faults.onCommand("^echo [0-9]+$", { kind: "fail", exitCode: 42 }, 2);
  const codes = [];
  for (const command of ["echo 1", "echo one", "echo 2", "echo 3"])
    codes.push((await contact.ssh(address, command)).exitCode);
  expect(codes).toEqual([42, 0, 42, 0]);
});

test("a command is held until it is let go", async () => {
  await machine.faults.onCommand("held", { kind: "hold" }, 1);
  const ended: string[] = [];
  const held = contact.must(address, "echo held").then((said) => ended.push(said));
  for (const turn of ["one", "two", "three"]) ended.push(await contact.must(address, `echo ${turn}`));
  expect(ended).toEqual(["one", "two", "three"]);
  await machine.faults.clearCommandFaults();
  await held;
  expect(ended).toEqual(["one", "two", "three", "held"]);
});

test("a command is delayed, or killed in the middle", async () => {
  await machine.faults.onCommand("slow", { kind: "delay", seconds: 1 });
  const start = Date.now();
  expect(await contact.must(address, "echo slow")).toBe("slow");
  expect(Date.now() - start).toBeGreaterThan(1000);
  await machine.faults.clearCommandFaults();
  await machine.faults.onCommand("long", { kind: "kill", after: 0.3 });
  const killed = await contact.ssh(address, ": long; echo begun; sleep 20; echo ended");
  expect(killed.stdout).toBe("begun");
  expect(killed.ok).toBe(false);
  await machine.faults.clearCommandFaults();
  expect(await contact.must(address, ": long; sleep 0.5; echo ended")).toBe("ended");
});

test("the power fails during a command, once", async () => {
  const before = await contact.bootId(address);
  await machine.faults.onCommand("sleep 20", { kind: "powerCut", after: 0.2 }, 1);
  expect((await contact.ssh(address, "sleep 20")).exitCode).toBe(255);
  await contact.bootIdAfter(address, before);
});

test("the network is lost during a command until the next boot", async () => {
  const before = await contact.bootId(address);
  await machine.faults.onCommand("change the network", { kind: "dropLink", after: 1 }, 1);
  await contact.must(address, ": change the network");
  await eventually("loss of contact", async () => !(await contact.ssh(address, "true")).ok);
  expect(await machine.console(["cat", "/proc/sys/kernel/random/boot_id"])).toBe(before);
  await machine.reset();
  await contact.bootIdAfter(address, before);
});

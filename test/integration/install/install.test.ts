import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstallResult, InstallSpec } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, onInstalled, refusal, showConsoleOnFailure } from "./installing.ts";

// One machine, reachable by IPv6 only, from its stock image to its second life; each test takes it where the one before has left it.
let factory: TestMachineFactory;
let machine: TestMachine;
let spec: InstallSpec;
let installed: InstallResult;

beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(10);
  factory = await createMachineFactory();
  ({ machine, spec } = await bareMachine(factory, { ipv6Only: true }));
});
afterAll(() => factory.close());

test("an existing machine is refused with what is on its disks, and is not touched", async () => {
  const message = await refusal({ ...spec, provider: "existing" });
  expect(message).toContain("refused to install: it is an existing machine (debian)");
  expect(message).toMatch(/\/dev\/sda 512 MiB.*\/dev\/sda1 \S+ MiB ext4/);
  expect(message).toContain("set wipe: web");
  expect(await formattings(machine)).toBe(0);
});

test("a system for another architecture is refused before anything is changed", async () => {
  const message = await refusal({ ...spec, system: { ...spec.system, platform: "aarch64-linux" } });
  expect(message).toContain("the system is built for aarch64-linux, the machine is x86_64");
  const cache = { push: "file:///nowhere", signingKey: null };
  expect(await refusal({ ...spec, cache, build: { on: "target" } })).toMatch(
    /`cache` signs and pushes what is built on this machine, and this is built on the host itself/,
  );
  expect((await machine.sshCommands()).map(({ command }) => command ?? "").join()).not.toContain("kexec");
});

test("a stock server becomes a verified NixOS", async () => {
  showConsoleOnFailure(machine);
  const lines: string[] = [];
  const push = `file://${spec.logDirectory}/cache`;
  installed = await install({ ...spec, cache: { push, signingKey: null } }, lines);
  expect(installed).toMatchObject({ host: "web", outcome: "installed", system: spec.system.toplevel });
  for (const phase of ["contact", "facts", "kexec", "disko", "install", "reboot", "verify"])
    expect(lines.join("\n")).toMatch(new RegExp(`^web: \\[\\d/7\\] ${phase}: .* \\(\\d+\\.\\d s\\)$`, "m"));
  expect(JSON.parse(await onInstalled(spec, "cat /etc/fleet/identity.json"))).toEqual({
    version: 1,
    stack: "pulumi-nixos/test",
    host: "web",
    installId: installed.installId,
    reinstall: null,
  });
  const owned =
    "/etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub /etc/fleet/identity.json /etc/fleet /etc /";
  expect((await onInstalled(spec, `stat -c '%a %U' ${owned}`)).split("\n")).toEqual([
    "600 root",
    "644 root",
    "644 root",
    "755 root",
    "755 root",
    "755 root",
  ]);
  expect(await onInstalled(spec, "readlink -f /run/current-system")).toBe(spec.system.toplevel);
  expect(await onInstalled(spec, "cat /proc/sys/kernel/random/boot_id")).toBe(installed.bootId);
  expect(await formattings(machine)).toBe(1);
  const hash = path.basename(spec.system.toplevel).slice(0, 32);
  expect(await readdir(`${spec.logDirectory}/cache`)).toContain(`${hash}.narinfo`);
});

test("no secret was written to a log or to the machine's command line", async () => {
  const secret = spec.hostKey.privateKey.split("\n")[1] ?? "";
  expect(secret.length).toBeGreaterThan(40);
  const commands = await machine.sshCommands();
  expect(commands.map(({ command }) => command).join("\n")).not.toContain(secret);
  const { execFileSync } = await import("node:child_process");
  expect(() => execFileSync("grep", ["-rF", secret, spec.logDirectory])).toThrow();
  expect(() => execFileSync("grep", ["-rF", secret, "/nix/store"])).toThrow();
});

test("a second call adopts it and changes nothing", async () => {
  const before = (await machine.sshCommands()).length;
  const adopted = await install(spec);
  expect(adopted).toMatchObject({
    outcome: "adopted",
    installId: installed.installId,
    bootId: installed.bootId,
  });
  const commands = (await machine.sshCommands()).slice(before).map(({ command }) => command ?? "<login>");
  expect(commands.every((command) => /fleet-ready|fleet-hold-lock|fleet-inspect-machine/.test(command))).toBe(
    true,
  );
});

test("so does one under its new name", async () => {
  const renamed: InstallSpec = { ...spec, host: "front", aliases: ["web"] };
  expect(await install(renamed)).toMatchObject({
    host: "front",
    outcome: "adopted",
    installId: installed.installId,
  });
});

test.each([{ stack: "pulumi-nixos/other" }, { host: "db" }])(
  "for %o it is somebody else's",
  async (changes) => {
    const message = await refusal({ ...spec, ...changes });
    expect(message).toContain("refused to install: it is web of stack pulumi-nixos/test");
    expect(await formattings(machine)).toBe(1);
  },
);

test("a changed token installs it anew, and is used up", async () => {
  showConsoleOnFailure(machine);
  await onInstalled(spec, "touch /var/precious");
  const again = { ...spec, reinstall: "2" };
  const second = await install(again);
  expect(second.outcome).toBe("installed");
  expect(second.installId).not.toBe(installed.installId);
  expect(await onInstalled(spec, "ls /var/precious 2>&1 || true")).toContain("No such file");
  expect((await install(again)).outcome).toBe("adopted");
  expect(await formattings(machine)).toBe(2);
});

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { install, refusal, showConsoleOnFailure } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(20);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

describe.concurrent("a machine's RAM", () => {
  test("if it is little, the installer's own disk tools are used, and it is said", async ({
    onTestFailed,
  }) => {
    const { spec, machine } = await bareMachine(factory, { memoryMiB: 1000 });
    showConsoleOnFailure(machine, onTestFailed);
    const lines: string[] = [];
    expect((await install(spec, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).toMatch(
      /web: the machine has 1000 MiB of RAM: using the installer's own disk tools/,
    );
    const commands = (await machine.sshCommands()).map(({ command }) => command);
    expect(commands).toContain(spec.system.diskoWithoutTools?.output);
    expect(commands).not.toContain(spec.system.disko);
  });
  test("if it is too little, nothing is touched", async () => {
    const { spec, machine } = await bareMachine(factory, { memoryMiB: 800 });
    expect(await refusal(spec)).toContain(
      "the machine has 800 MiB of RAM: the installer runs in memory and takes 900 MiB at least",
    );
    expect(await machine.sshCommands()).toHaveLength(3);
  });
});

describe.concurrent("a network that the installer would not have", () => {
  test("an address of the loopback interface, seen by a user with sudo", async () => {
    const { spec, machine } = await bareMachine(factory, { user: "admin", image: "ubuntu-24.04" });
    // Beyond what test files number their machines by.
    const address = "198.51.100.240";
    await machine.console(["ip", "address", "add", `${address}/32`, "dev", "lo"]);
    const message = await refusal({ ...spec, connection: { ...spec.connection, address } });
    expect(message).toContain(`the address ${address} is one of the loopback interface`);
    expect(message).toContain("nothing was changed");
  });
  test("a bridge that would not fall on its port; one that would is a warning", async () => {
    const { spec, machine } = await bareMachine(factory);
    const { address } = spec.connection;
    const bridge = async (name: string) =>
      await machine.console(
        [...["ip", "-batch", "-"]],
        `link add ${name} type bridge\nlink set eth0 master ${name}\naddress flush dev eth0\nlink set ${name} up\naddress add ${address}/24 dev ${name}\nroute replace default via 198.51.100.1 dev ${name}\n`,
      );
    await bridge("vmbr0");
    expect(await refusal(spec)).toContain(
      "the machine is reached through vmbr0 (bridge), which the installer does",
    );
    await machine.console(["ip", "link", "set", "vmbr0", "down"]);
    await machine.console(["ip", "link", "set", "vmbr0", "name", "br0"]);
    await machine.console(
      ["ip", "-batch", "-"],
      "link set br0 up\nroute replace default via 198.51.100.1 dev br0\n",
    );
    const lines: string[] = [];
    await expect(
      install({ ...spec, system: { ...spec.system, platform: "aarch64-linux" } }, lines),
    ).rejects.toThrow("the system is built for aarch64-linux");
    expect(lines.join("\n")).toContain("warning: the installer will have the address of br0 (bridge)");
  });
});

test("a machine with IPv6 alone gets the installer from here", async () => {
  const { spec, machine } = await bareMachine(factory, { ipv6Only: true, diskMiB: 2048 });
  showConsoleOnFailure(machine);
  const tarball = readFileSync(spec.kexecTarball ?? "");
  const askers: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    askers.push(request.socket.remoteAddress);
    if (request.url === "/kexec.tar.gz") response.end(tarball);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "198.51.100.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const from = `http://198.51.100.1:${port}`;
    expect(await refusal({ ...spec, kexecTarball: `${from}/gone.tar.gz` })).toMatch(
      /phase kexec, failed: \S+gone\.tar\.gz cannot be downloaded on this machine: Error: HTTP 404\n.*kexec: <path>/,
    );
    const lines: string[] = [];
    expect((await install({ ...spec, kexecTarball: `${from}/kexec.tar.gz` }, lines)).outcome).toBe(
      "installed",
    );
    expect(lines.join("\n")).toContain("downloading the installer on this machine: the host has only IPv6");
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(askers).toEqual(["198.51.100.1", "198.51.100.1"]);
});

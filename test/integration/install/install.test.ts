import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { runInstall } from "../../../cli/internal/install.ts";
import { openSession } from "../../../engine/ssh/session.ts";
import type { InstallSpec } from "../../../fleet/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { bareMachine, chooseNixosAnywhere } from "./bare-machine.ts";

let factory: TestMachineFactory;
const lines: string[] = [];

const install = (spec: InstallSpec, signal: AbortSignal = new AbortController().signal) =>
  runInstall(JSON.stringify(spec), { signal, write: (line) => lines.push(line) });

beforeAll(async () => {
  chooseNixosAnywhere();
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

test("a stock server becomes a verified NixOS; a second call adopts it", async () => {
  const { spec, machine } = await bareMachine(factory);
  onTestFailed(() => {
    console.log(lines.join("\n"), readFileSync(machine.paths.consoleLog, "utf8"));
  });
  const installed = await install(spec);
  console.log(lines.join("\n"), installed);
  expect(installed).toMatchObject({ host: "web", outcome: "installed", system: spec.system.toplevel });
  const session = await openSession(
    { host: "web", connection: spec.connection, hostKeys: [spec.hostKey.publicKey] },
    { deadlineSeconds: 10 },
  );
  try {
    const run = async (command: string) =>
      (await session.run(["sh", "-c", command], { timeoutSeconds: 20 })).stdout;
    expect(JSON.parse(await run("cat /etc/fleet/identity.json"))).toEqual({
      version: 1,
      stack: "nixos-fleet/test",
      host: "web",
      installId: installed.installId,
      reinstall: null,
    });
    expect(
      await run("stat -c '%a %U' /etc/ssh/ssh_host_ed25519_key /etc/fleet/identity.json /etc/fleet /etc"),
    ).toBe("600 root\n644 root\n755 root\n755 root");
    expect(await run("readlink -f /run/current-system")).toBe(spec.system.toplevel);
    expect(await run("cat /proc/sys/kernel/random/boot_id")).toBe(installed.bootId);
  } finally {
    await session.close();
  }
  const adopted = await install(spec);
  expect(adopted).toMatchObject({
    outcome: "adopted",
    installId: installed.installId,
    bootId: installed.bootId,
  });
});

import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildPlan } from "../../../model/protocol/build.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { testAddress } from "../addresses.ts";
import { createInstalledMachine, type InstalledMachine } from "../deploy/installed-machine.ts";
import { createScene, type Scene } from "../deploy/scene.ts";
import { buildToplevel, evaluateSystem } from "../deploy/systems.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "../install/bare-machine.ts";
import { install, onInstalled, refusal } from "../install/installing.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";

let scene: Scene;
let factory: TestMachineFactory;
let builder: InstalledMachine;
let onBuilder: BuildPlan;

beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(44);
  scene = await createScene("elsewhere", testAddress(41));
  factory = await createMachineFactory();
  const deployKey = generateKeyPair();
  const toplevel = await buildToplevel(
    await evaluateSystem("builder", {
      users: { users: { root: { openssh: { authorizedKeys: { keys: [deployKey.publicKey] } } } } },
    }),
  );
  builder = await createInstalledMachine(factory, {
    id: "builder",
    address: testAddress(42),
    toplevel,
    deployKey,
  });
  const { connection, hostKey } = builder;
  onBuilder = { on: "machine", machine: { name: "builder", connection, hostKey } };
});
afterAll(async () => {
  await scene?.close();
  await factory?.close();
});

const isValidOn = async (machine: InstalledMachine, storePath: string) =>
  machine.machine.console(["nix-store", "--check-validity", storePath]).then(
    () => true,
    () => false,
  );

describe("a system that is built on the host itself", () => {
  it("never exists here, and runs", async () => {
    const spec = await scene.spec("made on the target", { build: { on: "target" } });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(await scene.page()).toContain("made on the target");
    expect(existsSync(spec.system.toplevel)).toBe(false);
  });

  it("that cannot be built changes nothing there", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("x", { build: { on: "target" } }, { faults: { inject: "build" } });
    const { message } = await scene.refusal(spec);
    expect(message).toMatch(/^web: build failed: .*exit code 1/);
    expect(message).toContain("nix log /nix/store/");
    expect(await scene.observe()).toEqual(before);
  });

  it("also as a user with sudo", async () => {
    await scene.web.machine.console([
      "bash",
      "-c",
      "id operator >/dev/null 2>&1 || echo 'operator:x:1000:100::/home/operator:/bin/sh' >>/etc/passwd; mkdir -p /home/operator && echo 'operator ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers && chmod 440 /etc/sudoers",
    ]);
    const connection = { ...scene.web.connection, user: "operator" };
    const spec = await scene.spec("as a user", { build: { on: "target" }, connection });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(existsSync(spec.system.toplevel)).toBe(false);
  });
});

describe("a system that is built on a build host", () => {
  it("comes from there, and never exists here", async () => {
    const spec = await scene.spec("made on the builder", { build: onBuilder });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(await scene.page()).toContain("made on the builder");
    expect(existsSync(spec.system.toplevel)).toBe(false);
    expect(await isValidOn(builder, spec.system.toplevel)).toBe(true);
    const commands = await scene.web.machine.sshCommands();
    expect(commands.filter(({ command }) => / build .*made/.test(command ?? ""))).toEqual([]);
  });

  it("leaves no root there once it is deployed", async () => {
    expect((await builder.machine.console(["ls", "/nix/var/nix/gcroots/fleet-builds"])).trim()).toBe("");
    await builder.machine.console(["nix-collect-garbage"]);
    const { system } = await scene.spec("made on the builder");
    expect(await isValidOn(builder, system.toplevel)).toBe(false);
  });

  it("that cannot be built there is an error of the build host", async () => {
    const spec = await scene.spec("x", { build: onBuilder }, { faults: { inject: "build" } });
    expect((await scene.refusal(spec)).message).toMatch(/^builder: build failed: .*exit code 1/);
    expect((await builder.machine.console(["ls", "/nix/var/nix/gcroots/fleet-builds"])).trim()).toBe("");
  });

  it("with another host key is not talked to", async () => {
    const { connection } = builder;
    const machine = { name: "builder", connection, hostKey: generateKeyPair().publicKey };
    const spec = await scene.spec("y", { build: { on: "machine", machine } });
    expect((await scene.refusal(spec)).message).toMatch(/^builder: .*host key/);
  });
});

describe("an install", () => {
  it("of what the target builds in its installer never has the system here", async () => {
    const { spec } = await bareMachine(factory);
    const lines: string[] = [];
    const result = await install({ ...spec, build: { on: "target" } }, lines);
    expect(result).toMatchObject({ outcome: "installed", system: spec.system.toplevel });
    expect(existsSync(spec.system.toplevel)).toBe(false);
    expect(await onInstalled(spec, "readlink -f /run/current-system")).toBe(spec.system.toplevel);
    expect(await onInstalled(spec, "nix-store --verify --check-contents 2>&1 | tail -n 1")).not.toContain(
      "error",
    );
  });

  it("of what a build host makes gets it from there", async () => {
    const { spec } = await bareMachine(factory);
    const result = await install({ ...spec, build: onBuilder });
    expect(result).toMatchObject({ outcome: "installed", system: spec.system.toplevel });
    expect(existsSync(spec.system.toplevel)).toBe(false);
  });

  it("of what a build host cannot make is refused before the machine is touched", async () => {
    const { spec, machine } = await bareMachine(factory, { settings: { faults: { inject: "build" } } });
    expect(await refusal({ ...spec, build: onBuilder })).toMatch(/^builder: build failed/);
    const commands = (await machine.sshCommands()).map(({ command }) => command ?? "").join("\n");
    expect(commands).not.toContain("kexec");
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import {
  administrator,
  bareMachine,
  chooseNixosAnywhere,
  evaluateHost,
  numberMachinesFrom,
} from "./bare-machine.ts";
import { formattings, install, onInstalled, refusal, showConsoleOnFailure } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(50);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

/** A stock machine, which is root's on port 22, for a system that is somebody else's on another port. */
async function elsewhere(port: number): Promise<{ machine: TestMachine; spec: InstallSpec }> {
  const { machine, spec, userKey } = await bareMachine(factory);
  const settings = { services: { openssh: { ports: [2222] } } };
  const system = await evaluateHost(userKey, settings, ["root", "admin"], [], administrator);
  const connection = { ...spec.connection, user: "admin", port };
  return { machine, spec: { ...spec, system, connection } };
}

const users = async (machine: TestMachine) => (await machine.sshCommands()).map(({ user }) => user);

test("a stock image is installed as root on port 22, and everything after it goes to the configured login", async () => {
  const { machine, spec } = await elsewhere(2222);
  showConsoleOnFailure(machine);
  const first = await install(spec);
  expect(first.outcome).toBe("installed");
  const installing = await users(machine);
  const asAdmin = installing.indexOf("admin");
  expect(new Set(installing.slice(0, asAdmin))).toEqual(new Set(["root"]));
  expect(new Set(installing.slice(asAdmin))).toEqual(new Set(["admin"]));
  expect(await onInstalled(spec, "id -un")).toBe("admin");

  const before = (await users(machine)).length;
  expect(await install(spec)).toMatchObject({ outcome: "adopted", installId: first.installId });
  expect(new Set((await users(machine)).slice(before))).toEqual(new Set(["admin"]));

  const again = (await users(machine)).length;
  const lines: string[] = [];
  expect((await install({ ...spec, reinstall: "again" }, lines)).outcome).toBe("installed");
  expect((await users(machine))[again]).toBe("admin");
  expect(lines.join("\n")).toContain("the reinstall token changed");
  expect(await formattings(machine)).toBe(2);
});

test("a system that would listen on another port than the configured one is refused before anything is done", async () => {
  const { machine, spec } = await elsewhere(2200);
  expect(await refusal(spec)).toContain("2200");
  expect(await formattings(machine)).toBe(0);
});

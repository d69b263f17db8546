import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { type BareMachine, bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, refusal, showConsoleOnFailure } from "./installing.ts";

// A machine that is reached through another one alone; in order.
let factory: TestMachineFactory;
let bastion: BareMachine;
let bare: BareMachine;

beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(40);
  factory = await createMachineFactory();
  [bastion, bare] = [await bareMachine(factory), await bareMachine(factory)];
});
afterAll(() => factory?.close());

/** The install by way of the bastion, which must show this key. */
function throughBastion(hostKey: string): InstallSpec {
  const { connection } = bastion.spec;
  const { address, port, user, privateKey } = connection;
  const hop = { name: "bastion", address, port, user, privateKey, hostKey };
  return { ...bare.spec, connection: { ...bare.spec.connection, jump: [hop] } };
}

/** From where somebody has logged in, over all its boots. */
function sources(): string[] {
  const console = readFileSync(bare.machine.paths.consoleLog, "utf8");
  const logins = [...console.matchAll(/Accepted publickey for \S+ from (\S+) port/g)];
  return logins.map(([, source = ""]) => source);
}

test("a bastion with another key is refused, and the machine behind it never hears of it", async () => {
  const { finalKey: other } = bastion;
  const message = await refusal(throughBastion(other.publicKey));
  expect(message).toContain("bastion");
  expect(message).toContain(fingerprint(bastion.bootstrapKey.publicKey));
  expect(message).toContain(fingerprint(other.publicKey));
  expect(sources()).toEqual([]);
});

test("every login goes through it, in the image, the installer and the installed system", async () => {
  showConsoleOnFailure(bare.machine);
  const spec = throughBastion(bastion.bootstrapKey.publicKey);
  expect((await install(spec)).outcome).toBe("installed");
  expect(await formattings(bare.machine)).toBe(1);
  expect((await install(spec)).outcome).toBe("adopted");
  const logins = sources();
  // One at least in each of the three, and that of the second run.
  expect(logins.length).toBeGreaterThanOrEqual(4);
  expect([...new Set(logins)]).toEqual([bastion.spec.connection.address]);
});

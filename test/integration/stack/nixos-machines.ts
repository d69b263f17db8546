import { z } from "zod";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { hostNumber, testAddress } from "../addresses.ts";
import { createInstalledMachine } from "../deploy/installed-machine.ts";
import { buildToplevel, evaluateSystem } from "../deploy/systems.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import type { StackFixture } from "./fixture.ts";

/** Machines that run NixOS already, in a stack that takes them over. */
export interface NixosMachines {
  machine(host: string): TestMachine;
  /** Writes the stack's configuration: all machines, with more settings for some, and further keys. */
  configure(settings: Readonly<Record<string, object>>, more?: Readonly<Record<string, unknown>>): void;
}

const keyName = "deploy-key-pair";

const stateSchema = z.object({
  resources: z.array(z.object({ urn: z.string(), outputs: z.record(z.string(), z.unknown()).optional() })),
});

/**
 * Makes machines that let the stack's deploy key in, cheaply: nothing is installed on them.
 * @param first host number of the first one's address
 */
export async function createNixosMachines(
  fixture: StackFixture,
  names: readonly string[],
  first: number,
): Promise<NixosMachines> {
  const address = (name: string) => testAddress(first + names.indexOf(name));
  const settings = new Map(names.map((name) => [name, { hostKey: generateKeyPair().publicKey }]));
  const configure: NixosMachines["configure"] = (chosen, more = {}) => {
    const hosts = names.map((name) => [
      name,
      {
        provider: "existing",
        bootstrap: "none",
        address: address(name),
        flake: "./hosts#web",
        ...settings.get(name),
        ...chosen[name],
      },
    ]);
    fixture.configure(Object.fromEntries(hosts), { "hcloud:token": "", ...more });
  };
  configure({});
  const key = await makeDeployKey(fixture);
  const users = { root: { openssh: { authorizedKeys: { keys: [key] } } } };
  const toplevel = await buildToplevel(await evaluateSystem("before", { users: { users } }));
  const machines = new Map<string, TestMachine>();
  for (const name of names) {
    const made = await createInstalledMachine(fixture.machines, {
      // Files that run side by side have hosts of the same names.
      id: `n${hostNumber(first)}-${name}`,
      address: address(name),
      toplevel,
      deployKey: { privateKey: "" },
      name,
    });
    machines.set(name, made.machine);
    settings.set(name, { hostKey: made.hostKey });
  }
  configure({});
  return {
    configure,
    machine(host) {
      const machine = machines.get(host);
      if (machine === undefined) throw new Error(`there is no machine ${host}`);
      return machine;
    },
  };
}

/** @returns the public half of the stack's deploy key, which is all that then exists of the stack */
async function makeDeployKey(fixture: StackFixture): Promise<string> {
  const run = await fixture.up({ target: ["**deploy-key", `**${keyName}`] });
  if (!run.ok) throw new Error(`no deploy key: ${run.output}`);
  const { deployment } = await fixture.exportStack();
  const key = stateSchema.parse(deployment).resources.find(({ urn }) => urn.endsWith(`::${keyName}`));
  return z.string().parse(key?.outputs?.["publicKeyOpenssh"]).trim();
}

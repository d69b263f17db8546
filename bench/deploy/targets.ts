import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { defaultHealth } from "../../fleet/health/check.ts";
import type { HostSystem } from "../../fleet/protocol/connection.ts";
import { type DeploySpec, deploySpecSchema } from "../../fleet/protocol/deploy.ts";
import type { TestMachineFactory } from "../../test/harness/machines/factory.ts";
import { createInstalledMachine, host, stack } from "../../test/integration/deploy/installed-machine.ts";
import type { KeyPair } from "../../test/integration/ssh/local-sshd.ts";

/** An installed machine, and two ways to it. */
export interface Target {
  readonly address: string;
  /** ssh_config(5) file that knows it under its address, with its host key pinned. */
  readonly sshConfig: string;
  /** What it was last made to run. */
  running: HostSystem;
  /** Specification of a deployment by our own command. */
  spec(system: HostSystem): DeploySpec;
}

/** Makes a machine that runs a built system. @param folder for its key and records, made if missing */
export async function createTarget(
  factory: TestMachineFactory,
  folder: string,
  address: string,
  system: HostSystem,
  deployKey: KeyPair,
): Promise<Target> {
  const id = `target-${address.split(".").at(-1)}`;
  const { toplevel } = system;
  const { connection, hostKey } = await createInstalledMachine(factory, { id, address, toplevel, deployKey });
  mkdirSync(path.join(folder, id), { recursive: true, mode: 0o700 });
  const file = (name: string) => path.join(folder, id, name);
  writeFileSync(file("key"), connection.privateKey, { mode: 0o600 });
  writeFileSync(file("known_hosts"), `${address} ${hostKey}\n`);
  writeFileSync(file("config"), sshConfig(address, file("key"), file("known_hosts")));
  return {
    address,
    sshConfig: file("config"),
    running: system,
    spec: (wanted) =>
      deploySpecSchema.parse({
        version: 1,
        stack,
        host,
        formerly: [],
        connection,
        hostKey,
        system: wanted,
        acceptDisk: false,
        build: { on: "auto" },
        goal: "switch",
        deadlines: { contact: 30, lock: 30, build: 60, copy: 60, activate: 60, confirm: 30 },
        health: { ...defaultHealth, settle: 0 },
        logDirectory: file("logs"),
      }),
  };
}

function sshConfig(address: string, key: string, knownHosts: string): string {
  const settings = [
    `Host ${address}`,
    "User root",
    `IdentityFile ${key}`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${knownHosts}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "BatchMode yes",
    "ConnectTimeout 10",
  ];
  return `${settings.join("\n")}\n`;
}

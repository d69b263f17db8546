import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Check } from "../../model/health/check.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { type DeploySpec, deploySpecSchema } from "../../model/protocol/deploy.ts";
import { awaitPorts } from "../../runtime/ssh/wait-for-port.ts";
import type { TestMachineFactory } from "../../test/harness/machines/factory.ts";
import type { TestMachine } from "../../test/harness/machines/machine.ts";
import { createInstalledMachine, host, stack } from "../../test/integration/deploy/installed-machine.ts";
import type { KeyPair } from "../../test/integration/ssh/local-sshd.ts";
import { plainDeployment } from "../../test/plain-deployment.ts";
import { openDistantPort } from "./distance.ts";

/** Round trips in milliseconds. */
export const distances = [0, 40] as const;
export type Distance = (typeof distances)[number];

/** An installed machine, near and far. */
export interface Target {
  readonly machine: TestMachine;
  readonly address: string;
  /** ssh_config(5) file that knows it under its address, with its host key pinned. */
  sshConfig(distance: Distance): string;
  /** What it was last made to run. */
  running: HostSystem;
  /** Specification of a deployment by our own command. */
  spec(system: HostSystem, distance: Distance): DeploySpec;
  /** Connections its sshd has let in since it was made. */
  logins(): number;
  close(): Promise<void>;
}

const bootSeconds = 60;

/** That the new system's service answers. */
const check: Check = {
  ...{ kind: "http", from: "target", url: "http://127.0.0.1/", status: [200], body: null },
  ...{ responseHeaders: {}, requestHeaders: {}, insecure: false, timeout: 5, period: 1 },
};

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
  const installed = await createInstalledMachine(factory, { id, address, toplevel, deployKey });
  const { connection, hostKey, machine } = installed;
  mkdirSync(path.join(folder, id), { recursive: true, mode: 0o700 });
  const file = (name: string) => path.join(folder, id, name);
  writeFileSync(file("key"), connection.privateKey, { mode: 0o600 });
  writeFileSync(file("known_hosts"), `${address} ${hostKey}\n`);
  // The script that everything is compared with does not try again.
  await awaitPorts([connection], bootSeconds, undefined);
  const far = await openDistantPort(connection, distances[1]);
  const place = (distance: Distance) => (distance === 0 ? connection : far);
  for (const distance of distances) {
    const files = { key: file("key"), knownHosts: file("known_hosts") };
    writeFileSync(file(`config-${distance}`), sshConfig(address, place(distance), files));
  }
  return {
    machine,
    address,
    sshConfig: (distance) => file(`config-${distance}`),
    running: system,
    close: () => far.close(),
    logins: () => readFileSync(machine.paths.consoleLog, "utf8").match(/Accepted publickey/g)?.length ?? 0,
    spec: (wanted, distance) =>
      deploySpecSchema.parse({
        version: 1,
        stack,
        host,
        ...plainDeployment,
        connection: { ...connection, address: place(distance).address, port: place(distance).port },
        hostKey,
        system: wanted,
        deadlines: { contact: 60, lock: 60, build: 120, copy: 120, activate: 120, confirm: 60, reboot: 300 },
        health: { ...plainDeployment.health, settle: 0, checks: [check] },
        logDirectory: file("logs"),
      }),
  };
}

function sshConfig(
  name: string,
  place: { readonly address: string; readonly port: number },
  files: { readonly key: string; readonly knownHosts: string },
): string {
  const settings = [
    `Host ${name}`,
    `HostName ${place.address}`,
    `Port ${place.port}`,
    `HostKeyAlias ${name}`,
    "User root",
    `IdentityFile ${files.key}`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${files.knownHosts}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "BatchMode yes",
    "ConnectTimeout 30",
  ];
  return `${settings.join("\n")}\n`;
}

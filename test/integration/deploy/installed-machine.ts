import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Connection } from "../../../model/protocol/connection.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import type { TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { must } from "../../harness/machines/must.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";

/** A test machine that runs an installed system, as an install leaves it. */
export interface InstalledMachine {
  readonly machine: TestMachine;
  readonly address: string;
  readonly hostKey: string;
  readonly connection: Connection;
}

/** Stack and host that the identity of every installed machine names. */
export const stack = "pulumi-nixos/test";
export const host = "web";

/** Makes a machine, and puts a system, an identity and a host key on its disk while it is off: an install without its minute. */
export async function createInstalledMachine(
  factory: TestMachineFactory,
  options: {
    id: string;
    address: string;
    toplevel: string;
    deployKey: Pick<KeyPair, "privateKey">;
    /** Name in its identity. Default: `host`. */
    name?: string;
  },
): Promise<InstalledMachine> {
  const machine = await factory.create({
    id: options.id,
    hostname: host,
    ipv4: options.address,
    ipv6: null,
    memoryMiB: 1024,
    diskMiB: 512,
    image: "debian-12",
    userData: null,
    authorizedKeys: [],
    bootDelayMs: 100,
  });
  await machine.powerOff();
  const hostKey = generateKeyPair();
  await machine.withDisk(1, (root) => populate(root, options.toplevel, hostKey, options.name ?? host));
  await machine.powerOn();
  return {
    machine,
    address: options.address,
    hostKey: hostKey.publicKey,
    connection: {
      address: options.address,
      port: 22,
      user: "root",
      privateKey: options.deployKey.privateKey,
    },
  };
}

async function populate(root: string, toplevel: string, hostKey: KeyPair, name: string): Promise<void> {
  // The stock image may have started already; what it wrote is no part of an installed system.
  for (const name of ["upper", "work", "stock-image"])
    await rm(path.join(root, name), { recursive: true, force: true });
  const env = nixEnvironment();
  await must("nix", nixArguments("copy", "--no-check-sigs", "--to", `local?root=${root}`, toplevel), { env });
  const profile = path.join(root, "nix/var/nix/profiles/system");
  await must("nix-env", ["--store", `local?root=${root}`, "-p", profile, "--set", toplevel], { env });
  const files: [string, string, number][] = [
    ["boot/loader/default", `${toplevel}\n`, 0o644],
    ["etc/ssh/ssh_host_ed25519_key", hostKey.privateKey, 0o600],
    ["etc/ssh/ssh_host_ed25519_key.pub", `${hostKey.publicKey}\n`, 0o644],
    ["etc/fleet/identity.json", identity(stack, name), 0o644],
  ];
  for (const [file, text, mode] of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text, { mode });
  }
}

/** Text of an identity file. */
export function identity(ofStack: string, ofHost: string): string {
  return `${JSON.stringify({ version: 1, stack: ofStack, host: ofHost, installId: "test", reinstall: null })}\n`;
}

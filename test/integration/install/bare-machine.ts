import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { z } from "zod";
import { noPublication } from "../../../model/protocol/binary-cache.ts";
import { type HostSystem, traitsSchema } from "../../../model/protocol/connection.ts";
import { diskLayoutSchema } from "../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import type { TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { must } from "../../harness/machines/must.ts";
import { buildKexecTarball } from "../../harness/nixos-anywhere/kexec/tarball.ts";
import { hostNumber } from "../addresses.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";

const expression = fileURLToPath(new URL("system.nix", import.meta.url));
const flake = path.resolve(path.dirname(expression), "../../harness/miniflake");
const wrapper = path.resolve(path.dirname(expression), "../../../runtime/nix/evaluation/wrapper");
const standIn = path.resolve(path.dirname(expression), "../../harness/nixos-anywhere/nixos-anywhere.sh");
const evaluated = z.strictObject({
  toplevel: z.string(),
  toplevelDerivation: z.string(),
  disko: z.string(),
  diskoDerivation: z.string(),
  diskoWithoutTools: z.strictObject({ output: z.string(), derivation: z.string() }),
  diskLayout: diskLayoutSchema,
  traits: traitsSchema,
});

/** A stock machine as a cloud hands it out, and everything needed to install it. */
export interface BareMachine {
  readonly machine: TestMachine;
  readonly userKey: KeyPair;
  readonly bootstrapKey: KeyPair;
  readonly finalKey: KeyPair;
  readonly spec: InstallSpec;
}

/** The stand-in, unless the environment names the real nixos-anywhere. */
export function chooseNixosAnywhere(): void {
  process.env["FLEET_NIXOS_ANYWHERE"] ??= standIn;
}

/**
 * Evaluates the miniature `web` with our key for some users and further settings, such as `{ faults: { inject: "disk" } }`.
 * @param modules files of further modules
 * @param account what makes users other than root persons with an account
 */
export async function evaluateHost(
  userKey: KeyPair,
  settings: object = {},
  users: readonly string[] = ["root"],
  modules: readonly string[] = [],
  account: object = {},
): Promise<HostSystem> {
  const openssh = { authorizedKeys: { keys: [userKey.publicKey] } };
  const keys = users.map((name) => [name, { openssh, ...(name === "root" ? {} : account) }]);
  const all = { ...settings, users: { users: Object.fromEntries(keys) } };
  const nix = `import ${expression} ({ flake = ${flake}; wrapper = ${wrapper}; } // builtins.fromJSON (builtins.getEnv "ARGUMENTS"))`;
  const json = await must("nix", nixArguments("eval", "--impure", "--json", "--expr", nix), {
    env: { ...nixEnvironment(), ARGUMENTS: JSON.stringify({ host: "web", settings: all, modules }) },
  });
  return {
    ...evaluated.parse(JSON.parse(json)),
    platform: "x86_64-linux",
    installable: null,
    revision: null,
    dirty: true,
  };
}

/** An account with sudo. */
export const administrator = { isNormalUser: true, extraGroups: ["wheel"] };

let made = 0;

/** Test files share a world: each takes addresses of its own, from 198.51.100.<first>. */
export function numberMachinesFrom(first: number): void {
  made = hostNumber(first) - 1;
}

/** cloud-config that puts our host key in place, and users with sudo besides root. */
function userData(hostKey: KeyPair, users: readonly { name: string; key: KeyPair }[]): string {
  const accounts = users.map(({ name, key }) => ({
    name,
    ssh_authorized_keys: [key.publicKey],
    sudo: "ALL=(ALL) NOPASSWD:ALL",
  }));
  const config = {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
    ...(accounts.length === 0 ? {} : { users: accounts }),
  };
  return `#cloud-config\n${stringify(config)}`;
}

const deadlines = {
  contact: 30,
  facts: 30,
  rescue: 60,
  kexec: 90,
  disko: 60,
  install: 60,
  reboot: 60,
  verify: 30,
};

/** Boots a machine with the bootstrap host key in its user data. */
export async function bareMachine(
  factory: TestMachineFactory,
  changes: {
    readonly image?: string;
    readonly user?: string;
    readonly settings?: object;
    readonly ipv6Only?: boolean;
    readonly memoryMiB?: number;
    readonly diskMiB?: number;
  } = {},
): Promise<BareMachine> {
  made += 1;
  const userKey = generateKeyPair();
  const bootstrapKey = generateKeyPair();
  const finalKey = generateKeyPair();
  const { user = "root" } = changes;
  const ipv4 = changes.ipv6Only === true ? null : `198.51.100.${made}`;
  const ipv6 = `2001:db8:0:${made}::1`;
  const users = changes.user === undefined ? [] : [{ name: changes.user, key: userKey }];
  const machine = await factory.create({
    id: `install-${made}`,
    hostname: "web",
    ipv4,
    ipv6,
    memoryMiB: changes.memoryMiB ?? 4096,
    diskMiB: changes.diskMiB ?? 512,
    image: changes.image ?? "debian-12",
    userData: userData(bootstrapKey, users),
    authorizedKeys: changes.user === undefined ? [userKey.publicKey] : [],
    bootDelayMs: 3000,
  });
  const folder = await mkdtemp(path.join(tmpdir(), "install-test-"));
  const spec: InstallSpec = {
    version: 1,
    stack: "pulumi-nixos/test",
    host: "web",
    aliases: [],
    provider: "hetzner",
    serverId: String(1000 + made),
    connection: { address: ipv4 ?? ipv6, port: 22, user, privateKey: userKey.privateKey },
    bootstrapHostKey: bootstrapKey.publicKey,
    hostKey: finalKey,
    reinstall: null,
    wipe: false,
    acceptDiskLayout: false,
    build: { on: "auto" },
    cache: noPublication,
    system: await evaluateHost(userKey, changes.settings, ["root", user]),
    kexecTarball: buildKexecTarball(folder),
    bootstrap: "kexec",
    diskKeys: {},
    rescue: null,
    deadlines,
    logDirectory: folder,
  };
  return { machine, userKey, bootstrapKey, finalKey, spec };
}

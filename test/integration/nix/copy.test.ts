import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { buildSystem } from "../../../runtime/nix/store/build-local.ts";
import { copyClosure } from "../../../runtime/nix/store/copy-closure.ts";
import { createRedactor } from "../../../runtime/platform/redactor.ts";
import { createReporter } from "../../../runtime/platform/reporter.ts";
import { openSession, type SshSession } from "../../../runtime/ssh/session.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { testAddress } from "../addresses.ts";
import { createInstalledMachine, type InstalledMachine } from "../deploy/installed-machine.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";
import { createFacts, createWorkspace, evaluateKnown, type Workspace } from "./workspace.ts";

const address = testAddress(50);
const limits = { timeoutSeconds: 60 };
const copying = { ...limits, substituteOnDestination: false };

let workspace: Workspace;
let factory: TestMachineFactory;
let system: HostSystem;
let machine: InstalledMachine;
let userKey: KeyPair;

beforeAll(async () => {
  workspace = createWorkspace({ git: true });
  userKey = generateKeyPair();
  const facts = createFacts({ deployKeys: [userKey.publicKey] });
  const installed = (await evaluateKnown(workspace, { facts })).system;
  workspace.edit("hosts/web/default.nix", "version 1", `of ${workspace.root}`);
  system = (await evaluateKnown(workspace, { facts })).system;
  for (const each of [installed, system])
    await buildSystem(each, ["toplevel", "disko"], { host: "web", timeoutSeconds: 120 });
  factory = await createMachineFactory();
  const { toplevel } = installed;
  machine = await createInstalledMachine(factory, { id: "copy", address, toplevel, deployKey: userKey });
  await as("root", async (session) => {
    for (const [name, sudo] of [
      ["trusted", "trusted ALL=(ALL) NOPASSWD:ALL"],
      ["nobody-special", ""],
    ]) {
      const argv = ["sh", "-euc", addUser, "add-user", name ?? "", sudo ?? ""];
      const added = await session.run(argv, { ...limits, input: `${userKey.publicKey}\n` });
      expect(added).toMatchObject({ ok: true });
    }
  });
});

/** Arguments: user, line for sudoers; authorized keys on standard input. `*` is a password nobody has, and no locked account. */
const addUser = `
useradd --create-home --password '*' "$1"
install -d -o "$1" -m 700 "/home/$1/.ssh"
cat > "/home/$1/.ssh/authorized_keys"
chown "$1" "/home/$1/.ssh/authorized_keys"
printf '%s\\n' "$2" >> /etc/sudoers
chmod 440 /etc/sudoers
`;

afterAll(async () => {
  await factory?.close();
  workspace?.remove();
});

async function as(user: string, work: (session: SshSession) => Promise<void>): Promise<void> {
  const connection = { address, port: 22, user, privateKey: userKey.privateKey };
  const target = { host: "web", connection, hostKeys: [machine.hostKey] };
  const session = await openSession(target, { timeoutSeconds: 30 });
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

const reporter = () =>
  createReporter({ host: "web", what: "copy", logDirectory: workspace.root, redact: createRedactor([]) });

/** Asks the target's own Nix. */
async function isThere(session: SshSession, storePath: string): Promise<boolean> {
  const check = ["nix-store", "--check-validity", storePath];
  return (await session.run(check, { ...limits, elevate: true })).ok;
}

function closureOf(storePath: string): string[] {
  return execFileSync("nix-store", ["--query", "--requisites", storePath], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

describe("copying to a machine", () => {
  test("root gets the whole closure, unsigned, and a second time nothing", async () => {
    await as("root", async (session) => {
      expect(await isThere(session, system.toplevel)).toBe(false);
      const first = reporter();
      await copyClosure([system.toplevel], session, { ...copying, reporter: first });
      expect(first.tail(10)).toMatch(/copying [1-9]\d* paths/);
      const closure = closureOf(system.toplevel);
      expect(closure.length).toBeGreaterThan(1);
      for (const part of closure) expect(await isThere(session, part)).toBe(true);
      const again = reporter();
      await copyClosure([system.toplevel], session, { ...copying, reporter: again });
      expect(again.tail(10)).toBe("copying 0 paths...");
    });
  });

  test("a user with sudo does it through a daemon of root's", async () => {
    await as("trusted", async (session) => {
      const disko = system.disko ?? "";
      expect(await isThere(session, disko)).toBe(false);
      await copyClosure([disko], session, copying);
      expect(await isThere(session, disko)).toBe(true);
    });
  });

  test("a derivation is copied as itself, for a build over there", async () => {
    await as("root", async (session) => {
      const derivation = system.diskoDerivation ?? "";
      expect(await isThere(session, derivation)).toBe(false);
      await copyClosure([derivation], session, copying);
      expect(await isThere(session, derivation)).toBe(true);
    });
  });

  test("a user without sudo is told why", async () => {
    await as("nobody-special", async (session) => {
      await expect(copyClosure([system.toplevel], session, copying)).rejects.toThrow(
        /^web: becoming root failed: user "nobody-special" may not become root by sudo \(sudo: a password is required\).*\n +next: let that user run every command/s,
      );
    });
  });

  test("a path that is not here is an error", async () => {
    await as("root", async (session) => {
      const missing = "/nix/store/00000000000000000000000000000000-nothing";
      await expect(copyClosure([missing], session, copying)).rejects.toThrow(/^web: copy failed: /);
    });
  });
});

import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { loadMachineRoot, prepareMachineRoot } from "../harness/machines/machine-root.ts";
import { startWorld } from "../harness/machines/world.ts";
import { buildKexecTarball } from "../harness/nixos-anywhere/kexec/tarball.ts";
import { createProject, type TestProject } from "../harness/project/project.ts";
import { setUpToolchain } from "../harness/toolchain/toolchain.ts";
import { startCloudProcess } from "./cloud-process.ts";
import { capture, type DemoShell } from "./commands.ts";
import { demoFolder, demoProject, demoWorldFolder, removeDemo, writeDemoState } from "./demo-state.ts";
import type { Narrator } from "./narrator.ts";

/** Gets programs and the base of the machines; the only part that needs the network. */
export async function setUp(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const toolchain = await setUpToolchain({ signal });
  if (!(await hasMachineRoot()))
    process.stdout.write(
      "› unpacking the base of the test machines from Debian packages: once, about half a minute\n",
    );
  await prepareMachineRoot(signal);
  return toolchain.env;
}

async function hasMachineRoot(): Promise<boolean> {
  return await loadMachineRoot().then(
    () => true,
    () => false,
  );
}

/** What the demo's stack is to be. */
export interface Scene {
  readonly hosts: Readonly<Record<string, object>>;
  /** `fleet:networks`. */
  readonly networks?: Readonly<Record<string, object>>;
  /** Changes the project's flake before anything is evaluated. */
  layOut?(project: TestProject): Promise<void>;
}

/** Starts the world with its emulated cloud. @returns a shell in a project whose stack is configured and empty */
export async function beginDemo(
  toolchain: Readonly<Record<string, string>>,
  narrator: Narrator,
  scene: Scene,
): Promise<{ shell: DemoShell; project: TestProject }> {
  await removeDemo();
  await mkdir(demoFolder, { recursive: true });
  const world = await startWorld({
    stateDir: demoWorldFolder,
    detached: true,
    environment: { PATH: toolchain["PATH"] ?? "" },
  });
  await writeDemoState({ world: world.pid, complete: false });
  const project = createProject(demoProject, toolchain);
  const token = randomBytes(32).toString("hex");
  const bootDelayMs = process.env["FLEET_NIXOS_ANYWHERE"] === undefined ? 300 : 3500;
  const endpoint = await startCloudProcess({
    world: world.pid,
    token,
    logFolder: demoFolder,
    environment: project.environment,
    bootDelayMs,
  });
  const shell = { world: world.pid, folder: project.folder, environment: project.environment };
  await capture(shell, ["pulumi", "stack", "init", "demo", "--non-interactive"]);
  await scene.layOut?.(project);
  const shown = {
    ...(scene.networks === undefined ? {} : { "fleet:networks": scene.networks }),
    "fleet:hosts": scene.hosts,
  };
  project.configure("demo", {
    "hcloud:token": token,
    "hcloud:endpoint": endpoint,
    "hcloud:pollInterval": "100ms",
    "fleet:defaults": { protect: false, kexec: buildKexecTarball(demoFolder) },
    ...shown,
  });
  narrator.say("The emulated Hetzner Cloud runs in a private network on this machine. Its servers are real:");
  narrator.say(
    "own disks, own SSH servers, own Nix stores, real reboots. Nothing here reaches the Internet.",
  );
  narrator.say(
    `These are the hosts of the stack (${path.relative(process.cwd(), project.folder)}/Pulumi.demo.yaml):`,
  );
  narrator.show(stringify(shown).trimEnd());
  return { shell, project };
}

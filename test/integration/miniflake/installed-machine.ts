import { type IsolatedMachine, type Outcome, startIsolatedMachine } from "./isolated-machine.ts";
import type { SystemName, Systems } from "./systems.ts";

/** An isolated machine that runs systems of the miniature flake. */
export interface InstalledMachine extends IsolatedMachine {
  /** Store path of a system. */
  system(name: SystemName): string;
  /** What the machine does once when it boots a system. */
  boot(name: SystemName): Promise<Outcome>;
  /** Runs a system's switch-to-configuration; environment as `NAME=value`. */
  to(name: SystemName, action: string, ...environment: readonly string[]): Promise<Outcome>;
  /** What the web server says. */
  page(): Promise<string>;
  /** The running system. */
  current(): Promise<string>;
  systemctl(...args: readonly string[]): Promise<Outcome>;
  /** `NAME=value` of a unit. */
  property(unit: string, name: string): Promise<string>;
  /** Which process runs a unit, since when. */
  started(unit: string): Promise<string>;
}

export async function startInstalledMachine(systems: Systems): Promise<InstalledMachine> {
  const machine = await startIsolatedMachine();
  const system = (name: SystemName) => {
    const built = systems.get(name);
    if (built === undefined) throw new Error(`no system ${name} was built`);
    return built;
  };
  const systemctl = (...args: readonly string[]) =>
    machine.run("/run/current-system/sw/bin/systemctl", ...args);
  return {
    ...machine,
    system,
    systemctl,
    boot: (name) => machine.run(`${system(name)}/init`),
    to: (name, action, ...environment) =>
      machine.run("env", ...environment, `${system(name)}/bin/switch-to-configuration`, action),
    page: async () => (await machine.run("/usr/bin/busybox", "wget", "-qO-", "http://127.0.0.1/")).stdout,
    current: async () => (await machine.run("readlink", "/run/current-system")).stdout,
    property: async (unit, name) => (await systemctl("show", "-p", name, unit)).stdout,
    started: (unit) => machine.read(`/run/units/${unit}/runner`),
  };
}

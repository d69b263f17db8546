import { rm } from "node:fs/promises";
import { isIPv4, isIPv6 } from "node:net";
import path from "node:path";
import type { MachineFactory, MachineSpec } from "./contract.ts";
import { volumeFile } from "./disks.ts";
import { TestMachine } from "./machine.ts";
import { layOutCommands } from "./machine-commands.ts";
import { machinePaths } from "./machine-files.ts";
import { loadMachineRoot } from "./machine-root.ts";
import { PrivateWires } from "./private-wires.ts";
import { stockImage } from "./stock-images.ts";
import { requireWorld } from "./world-support.ts";

/** `MachineFactory` whose machines tell tests more than a cloud would know. */
export interface TestMachineFactory extends MachineFactory {
  create(spec: MachineSpec): Promise<TestMachine>;
  /** A machine made by this factory and not destroyed. */
  find(id: string): TestMachine | undefined;
}

/**
 * Makes machines in the current world. They end with this process at the latest.
 *
 * @throws Error outside a world, or when the machines' base has not been prepared
 */
export async function createMachineFactory(): Promise<TestMachineFactory> {
  const { stateDir } = requireWorld();
  const root = await loadMachineRoot();
  const commands = await layOutCommands(stateDir);
  const volumesFolder = path.join(stateDir, "volumes");
  const wires = new PrivateWires(root, path.join(stateDir, "private-networks"));
  const machines = new Map<string, TestMachine>();

  const create = async (spec: MachineSpec): Promise<TestMachine> => {
    checkSpec(spec);
    if (machines.has(spec.id)) throw new Error(`there is a machine "${spec.id}" already`);
    const machine = new TestMachine(spec, {
      root,
      volumesFolder,
      wires,
      commands,
      paths: machinePaths(stateDir, spec.id),
      onDestroyed: () => machines.delete(spec.id),
    });
    machines.set(spec.id, machine);
    try {
      await machine.assemble();
    } catch (error) {
      machines.delete(spec.id);
      throw error;
    }
    return machine;
  };

  return {
    create,
    find: (id) => machines.get(id),
    destroyVolume: (volumeId) => rm(volumeFile(volumesFolder, volumeId), { force: true }),
    close: async () => {
      const ends = await Promise.allSettled([...machines.values()].map((machine) => machine.destroy()));
      const failures = ends.filter((end) => end.status === "rejected").map((end) => String(end.reason));
      if (failures.length > 0) throw new Error(`machines not removed: ${failures.join("; ")}`);
    },
  };
}

function checkSpec(spec: MachineSpec): void {
  const faults = [
    ...(/^[a-z0-9-]{1,32}$/.test(spec.id) ? [] : [`id "${spec.id}"`]),
    ...(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i.test(spec.hostname) ? [] : [`host name "${spec.hostname}"`]),
    ...(spec.ipv4 === null || isIPv4(spec.ipv4) ? [] : [`IPv4 address "${spec.ipv4}"`]),
    ...(spec.ipv6 === null || isIPv6(spec.ipv6) ? [] : [`IPv6 address "${spec.ipv6}"`]),
    ...(Number.isInteger(spec.memoryMiB) && spec.memoryMiB >= 64 ? [] : [`memory ${spec.memoryMiB} MiB`]),
  ];
  if (faults.length > 0) throw new Error(`invalid machine: ${faults.join(", ")}`);
  stockImage(spec.image);
}

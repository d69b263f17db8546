import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import pRetry from "p-retry";
import { bootCommand } from "./boot-command.ts";
import { runInside, untilBooted } from "./console.ts";
import type { Machine, MachineSpec, PowerState, PrivateCard } from "./contract.ts";
import { createStockDisk } from "./disk-image.ts";
import { MachineDisks } from "./disks.ts";
import { MachineFaults } from "./faults.ts";
import {
  createHardware,
  type MachinePaths,
  readSshLog,
  renewBootId,
  type SshCommand,
} from "./machine-files.ts";
import type { MachineRoot } from "./machine-root.ts";
import { type Addresses, MachineNetwork } from "./network.ts";
import { PowerSupply } from "./power-supply.ts";
import { PrivateCards } from "./private-cards.ts";
import type { PrivateWires } from "./private-wires.ts";
import { RescueSwitch } from "./rescue-switch.ts";
import { seedFiles, writeSeed } from "./seed.ts";
import { Serial } from "./serial.ts";

/** What a machine needs of the world it is made in. */
export interface MachinePlace {
  readonly root: MachineRoot;
  readonly paths: MachinePaths;
  readonly volumesFolder: string;
  /** Private networks of this factory's machines. */
  readonly wires: PrivateWires;
  /** From `layOutCommands`. */
  readonly commands: string;
  /** Called when nothing of the machine is left. */
  onDestroyed(): void;
}

const shutdownGraceMs = 15_000;

/** A server in namespaces: own network, processes, mounts, host name, disks, real sshd, real reboot(2). */
export class TestMachine implements Machine {
  readonly id: string;
  readonly paths: MachinePaths;
  readonly faults: MachineFaults;
  readonly #spec: MachineSpec;
  readonly #root: MachineRoot;
  readonly #onDestroyed: () => void;
  readonly #network: MachineNetwork;
  readonly #cards: PrivateCards;
  readonly #disks: MachineDisks;
  readonly #power: PowerSupply;
  readonly #rescue: RescueSwitch;
  readonly #serial = new Serial();
  #addresses: Addresses;
  #destroyed = false;

  constructor(spec: MachineSpec, place: MachinePlace) {
    this.id = spec.id;
    this.paths = place.paths;
    this.#spec = spec;
    this.#root = place.root;
    this.#onDestroyed = place.onDestroyed;
    this.#addresses = { ipv4: spec.ipv4, ipv6: spec.ipv6 };
    this.#network = new MachineNetwork(spec.id);
    this.#cards = new PrivateCards(this.#network.namespace, place.wires);
    this.#disks = new MachineDisks(place.paths, place.volumesFolder);
    this.#rescue = new RescueSwitch(place.paths);
    this.faults = new MachineFaults(this);
    this.#power = new PowerSupply({
      command: bootCommand(spec, place, this.#network.path),
      consoleLog: place.paths.consoleLog,
      powerLog: place.paths.powerLog,
      bootDelayMs: spec.bootDelayMs,
      prepareBoot: async () => {
        await renewBootId(this.paths);
        await this.#network.configure(this.#addresses);
        await this.#cards.renumber();
      },
    });
  }

  /** Builds it and turns it on; called once by the factory. Leaves nothing behind when it fails. */
  async assemble(): Promise<void> {
    // First, as it tells whether another process runs a machine of this name.
    await this.#network.create();
    try {
      await rm(this.paths.folder, { recursive: true, force: true });
      await mkdir(this.paths.folder, { recursive: true });
      await createHardware(this.paths);
      await this.#install(this.#spec.image, this.#spec.userData);
      await this.#power.turnOn();
    } catch (error) {
      await this.destroy();
      throw error;
    }
  }

  powerState(): PowerState {
    return this.#power.state;
  }

  async powerOn(): Promise<void> {
    await this.#serial.run(() => this.#power.turnOn());
  }

  async powerOff(): Promise<void> {
    await this.#serial.run(() => this.#power.turnOff());
  }

  async shutdown(): Promise<void> {
    await this.#serial.run(() => this.#power.press(shutdownGraceMs));
  }

  async reset(): Promise<void> {
    await this.#serial.run(() => this.#power.reset());
  }

  async armRescue(keys: readonly string[], until: Date): Promise<void> {
    await this.#rescue.arm(keys, until);
  }

  async disarmRescue(): Promise<void> {
    await this.#rescue.disarm();
  }

  rescueArmed(): boolean {
    return this.#rescue.isArmed();
  }

  async rebuild(image: string, userData: string | null): Promise<void> {
    await this.#serial.run(async () => {
      await this.#power.turnOff();
      await this.#install(image, userData);
      await this.#power.turnOn();
    });
  }

  async setAddresses(ipv4: string | null, ipv6: string | null): Promise<void> {
    await this.#serial.run(async () => {
      this.#addresses = { ipv4, ipv6 };
      await this.#network.configure(this.#addresses);
    });
  }

  async setPrivateCards(cards: readonly PrivateCard[]): Promise<void> {
    await this.#serial.run(async () => {
      if (this.#destroyed) return;
      if (await this.#cards.set(cards)) await this.#announce("sync-cards");
    });
  }

  async attachVolume(volumeId: string, sizeMiB: number, deviceName?: string): Promise<string> {
    return await this.#serial.run(async () => {
      const device = await this.#disks.attachVolume(volumeId, sizeMiB, deviceName);
      await this.#announce("sync-devices");
      return device;
    });
  }

  async detachVolume(volumeId: string): Promise<void> {
    await this.#serial.run(async () => {
      await this.#disks.detachVolume(volumeId);
      await this.#announce("sync-devices");
    });
  }

  async destroy(): Promise<void> {
    await this.#serial.run(async () => {
      if (this.#destroyed) return;
      await this.#power.turnOff();
      this.#disks.releaseAll();
      await this.#cards.set([]);
      await this.#network.destroy();
      await rm(this.paths.folder, { recursive: true, force: true });
      this.#destroyed = true;
      this.#onDestroyed();
    });
  }

  /** Pulls the network cable, or puts it back. */
  async setCable(plugged: boolean): Promise<void> {
    await this.#network.setCable(plugged);
  }

  /**
   * Runs a program on the machine as root, past sshd, as from its console.
   *
   * @returns its standard output
   * @throws Error when it fails or no system is running
   */
  async console(command: readonly string[], input = ""): Promise<string> {
    const { init } = this.#power;
    if (init !== undefined) await untilBooted(init);
    return await this.#runInside(command, input);
  }

  /** What its sshd was asked to run, over all boots. */
  async sshCommands(): Promise<SshCommand[]> {
    return await readSshLog(this.paths);
  }

  /**
   * Changes the root file system while the machine is off, as from a rescue system.
   *
   * @param change gets the folder where partition `number` is mounted
   * @throws Error when the machine runs or the partition cannot be mounted
   */
  async withDisk<T>(number: number, change: (root: string) => Promise<T>): Promise<T> {
    return await this.#serial.run(async () => {
      if (this.powerState() !== "off") throw new Error(`${this.id}: its disk is in use while it runs`);
      return await this.#disks.mounted(number, change);
    });
  }

  async #install(image: string, userData: string | null): Promise<void> {
    this.#disks.ejectOwn();
    await createStockDisk(this.#root, this.paths.diskImage, this.#spec.diskMiB, image);
    await writeSeed(path.join(this.paths.hardware, "seed"), seedFiles({ ...this.#spec, userData }));
    await rm(path.join(this.paths.hardware, "kexec"), { recursive: true, force: true });
    await this.#disks.insertOwn();
  }

  async #runInside(command: readonly string[], input: string): Promise<string> {
    const { init } = this.#power;
    if (init === undefined) throw new Error(`${this.id}: no system is running`);
    return await runInside(init, command, input);
  }

  /** Has the running system look at what was plugged in or out. */
  async #announce(command: "sync-devices" | "sync-cards"): Promise<void> {
    if (this.#power.init === undefined) return;
    // While a machine boots there is no console yet.
    await pRetry(() => this.#runInside([command], ""), { retries: 200, minTimeout: 100, factor: 1 });
  }
}

/** A MachineFactory that keeps machines as objects and notes every call: for tests of a cloud alone. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine, MachineFactory, MachineSpec, PowerState, PrivateCard } from "../machines/contract.ts";

/** One call on a factory or machine. */
export interface MachineCall {
  /** Machine id, or volume id for `destroyVolume`. */
  readonly id: string;
  readonly method: string;
  readonly arguments: readonly unknown[];
}

export class MemoryMachine implements Machine {
  readonly id: string;
  readonly spec: MachineSpec;
  /** Counts boots, as a boot id would change. */
  boots = 1;
  image: string;
  /** The last boot was one into the rescue system. */
  inRescue = false;
  #rescueUntil: Date | null = null;
  addresses: readonly [string | null, string | null];
  cards: readonly PrivateCard[] = [];
  readonly volumes = new Map<string, number>();
  #power: PowerState = "running";
  readonly #note: (call: MachineCall) => void;
  readonly #gone: () => void;

  constructor(spec: MachineSpec, note: (call: MachineCall) => void, gone: () => void) {
    this.id = spec.id;
    this.spec = spec;
    this.image = spec.image;
    this.addresses = [spec.ipv4, spec.ipv6];
    this.#note = note;
    this.#gone = gone;
  }

  powerState(): PowerState {
    return this.#power;
  }

  async powerOn(): Promise<void> {
    this.#call("powerOn");
    if (this.#power === "off") {
      this.#boot();
    }
  }

  async powerOff(): Promise<void> {
    this.#call("powerOff");
    this.#power = "off";
  }

  async shutdown(): Promise<void> {
    this.#call("shutdown");
    this.#power = "off";
  }

  async reset(): Promise<void> {
    this.#call("reset");
    this.#boot();
  }

  async armRescue(keys: readonly string[], until: Date): Promise<void> {
    this.#call("armRescue", keys, until);
    this.#rescueUntil = until;
  }

  async disarmRescue(): Promise<void> {
    this.#call("disarmRescue");
    this.#rescueUntil = null;
  }

  rescueArmed(): boolean {
    return this.#rescueUntil !== null && this.#rescueUntil.getTime() > Date.now();
  }

  async rebuild(image: string, userData: string | null): Promise<void> {
    this.#call("rebuild", image, userData);
    this.image = image;
    this.#boot();
  }

  async setAddresses(ipv4: string | null, ipv6: string | null): Promise<void> {
    this.#call("setAddresses", ipv4, ipv6);
    this.addresses = [ipv4, ipv6];
  }

  async setPrivateCards(cards: readonly PrivateCard[]): Promise<void> {
    this.#call("setPrivateCards", cards);
    this.cards = cards;
  }

  async attachVolume(
    volumeId: string,
    sizeMiB: number,
    deviceName = `scsi-0HC_Volume_${volumeId}`,
  ): Promise<string> {
    this.#call("attachVolume", volumeId, sizeMiB);
    this.volumes.set(volumeId, sizeMiB);
    return `/dev/disk/by-id/${deviceName}`;
  }

  async detachVolume(volumeId: string): Promise<void> {
    this.#call("detachVolume", volumeId);
    this.volumes.delete(volumeId);
  }

  async destroy(): Promise<void> {
    this.#call("destroy");
    this.#power = "off";
    this.#gone();
  }

  #boot(): void {
    this.inRescue = this.rescueArmed();
    this.#rescueUntil = null;
    this.boots += 1;
    this.#power = "running";
  }

  #call(method: string, ...args: unknown[]): void {
    this.#note({ id: this.id, method, arguments: args });
  }
}

export class MemoryMachineFactory implements MachineFactory {
  readonly calls: MachineCall[] = [];
  readonly machines = new Map<string, MemoryMachine>();
  /** Error of the next `create`, then cleared. */
  failNextCreate: Error | null = null;
  readonly #bootMs: number;

  /** @param options.bootMs how long `create` takes, in milliseconds. */
  constructor(options: { readonly bootMs?: number } = {}) {
    this.#bootMs = options.bootMs ?? 0;
  }

  async create(spec: MachineSpec): Promise<MemoryMachine> {
    this.calls.push({ id: spec.id, method: "create", arguments: [spec] });
    await sleep(this.#bootMs);
    const failure = this.failNextCreate;
    this.failNextCreate = null;
    if (failure !== null) {
      throw failure;
    }
    if (this.machines.has(spec.id)) {
      throw new Error(`machine ${spec.id} exists already`);
    }
    const machine = new MemoryMachine(
      spec,
      (call) => this.calls.push(call),
      () => this.machines.delete(spec.id),
    );
    this.machines.set(spec.id, machine);
    return machine;
  }

  async destroyVolume(volumeId: string): Promise<void> {
    this.calls.push({ id: volumeId, method: "destroyVolume", arguments: [] });
  }

  async close(): Promise<void> {
    for (const machine of [...this.machines.values()]) {
      await machine.destroy();
    }
  }
}

/** One emulated Hetzner Cloud project: its state, running actions, addresses and machines. */
import type { MachineFactory } from "../../machines/contract.ts";
import { AddressesExhausted, AddressPool, type AddressRanges } from "../addresses.ts";
import { ActionLog } from "./actions.ts";
import type { Frontends } from "./balancing/frontends.ts";
import { Traffic } from "./balancing/traffic.ts";
import { limitExceeded, notFound, notUnique, unavailable } from "./errors.ts";
import { emptyState, type Kind, type Records, type Resource, type State } from "./state.ts";

/** How many resources of a kind a project may hold. */
export type Limits = Readonly<Record<Kind, number>>;

export const defaultLimits: Limits = {
  servers: 100,
  ssh_keys: 100,
  firewalls: 50,
  networks: 50,
  primary_ips: 200,
  placement_groups: 50,
  volumes: 100,
  load_balancers: 20,
};

/** A server type that is sold out somewhere. */
export interface SoldOut {
  readonly serverType: string;
  readonly location: string;
}

export interface ProjectOptions {
  readonly machines: MachineFactory;
  readonly addresses: AddressRanges;
  /** What every action takes at least, in milliseconds. */
  readonly actionMs: number;
  /** Firmware delay of each machine's boot, in milliseconds. */
  readonly bootDelayMs: number;
  readonly limits: Limits;
  readonly soldOut: readonly SoldOut[];
  /** Ids count up from here. Two clouds in one world need ids of their own: they name machines and disks. */
  readonly firstId: number;
  /** Where load balancers listen; null: nowhere. */
  readonly frontends: Frontends | null;
}

/** Singular names, as messages and JSON keys have them. */
export const singular: Readonly<Record<Kind, string>> = {
  servers: "server",
  ssh_keys: "ssh_key",
  firewalls: "firewall",
  networks: "network",
  primary_ips: "primary_ip",
  placement_groups: "placement_group",
  volumes: "volume",
  load_balancers: "load_balancer",
};

export class Project {
  readonly options: ProjectOptions;
  readonly state: State = emptyState();
  readonly actions: ActionLog;
  readonly traffic: Traffic;
  readonly #addresses: AddressPool;
  #lastId: number;

  constructor(options: ProjectOptions) {
    this.options = options;
    this.#lastId = options.firstId;
    this.#addresses = new AddressPool(options.addresses);
    this.actions = new ActionLog(options.actionMs, () => this.nextId());
    this.traffic = new Traffic(this, options.frontends);
  }

  get machines(): MachineFactory {
    return this.options.machines;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Throws 404. */
  get<K extends Kind>(kind: K, id: number): Records[K] {
    const found = this.state[kind].get(id);
    if (found === undefined) {
      throw notFound(singular[kind], id);
    }
    return found;
  }

  /** Throws 409 `uniqueness_error` if another resource of the kind has the name. */
  requireUniqueName(kind: Kind, name: string, except?: number): void {
    const records: Iterable<Resource> = this.state[kind].values();
    for (const record of records) {
      if (record.name === name && record.id !== except) {
        throw notUnique(singular[kind], "name");
      }
    }
  }

  /** Throws 403 `resource_limit_exceeded` if no further resource of the kind fits. */
  requireRoom(kind: Kind, wanted = 1): void {
    const limit = this.options.limits[kind];
    if (this.state[kind].size + wanted > limit) {
      throw limitExceeded(singular[kind], limit);
    }
  }

  /** Throws 412 `resource_unavailable` if the range is used up. */
  allocateAddress(type: "ipv4" | "ipv6"): string {
    try {
      return this.#addresses.allocate(type);
    } catch (error) {
      throw error instanceof AddressesExhausted ? unavailable(error.message) : error;
    }
  }

  releaseAddress(address: string): void {
    this.#addresses.release(address);
  }
}

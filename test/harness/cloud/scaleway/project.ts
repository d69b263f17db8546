/** One emulated Scaleway project: its state, addresses, machines, and what is going on in it. */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { MachineFactory } from "../../machines/contract.ts";
import { AddressesExhausted, AddressPool, type AddressRanges } from "../addresses.ts";
import { ApiError, invalidArgument, notFound, outOfStock, quotasExceeded } from "./errors.ts";
import {
  emptyState,
  type Kind,
  type Records,
  type RegionalResource,
  type Resource,
  type State,
} from "./state.ts";

/** How many resources of a kind a project may hold. */
export type Limits = Readonly<Record<Kind, number>>;

export const defaultLimits: Limits = {
  servers: 100,
  ips: 200,
  security_groups: 100,
  volumes: 100,
  ssh_keys: 100,
  placement_groups: 100,
  private_networks: 255,
  reserved_addresses: 2000,
  private_nics: 800,
};

/** A type that is sold out somewhere. */
export interface SoldOut {
  readonly type: string;
  readonly zone: string;
}

export interface ProjectOptions {
  /** UUID, of the organization as well. */
  readonly projectId: string;
  readonly machines: MachineFactory;
  readonly addresses: AddressRanges;
  /** What a server's change of power takes at least, in milliseconds. */
  readonly actionMs: number;
  /** Firmware delay of each machine's boot, in milliseconds. */
  readonly bootDelayMs: number;
  readonly limits: Limits;
  readonly soldOut: readonly SoldOut[];
}

/** Kinds as the APIs name them in errors. */
const resourceNames: Readonly<Record<Kind, string>> = {
  servers: "instance_server",
  ips: "instance_ip",
  security_groups: "security_group",
  volumes: "volume",
  ssh_keys: "ssh_key",
  placement_groups: "instance_placement_group",
  private_networks: "private_network",
  reserved_addresses: "ip",
  private_nics: "instance_private_nic",
};

/** RFC 3339 with microseconds, as the instance API writes it. */
export function timestamp(date: Date = new Date()): string {
  return `${date.toISOString().slice(0, -1)}000+00:00`;
}

/** Zone or region of a resource; null: it is everywhere. */
function placeOf(record: Records[Kind]): string | null {
  if ("zone" in record) return record.zone;
  return "region" in record ? record.region : null;
}

export class Project {
  readonly options: ProjectOptions;
  readonly state: State = emptyState();
  /** What the DNS says: name → address. A reverse must be there first. */
  readonly names = new Map<string, string>();
  readonly #addresses: AddressPool;
  readonly #vpcs = new Map<string, string>();
  readonly #work = new Set<Promise<void>>();
  #attachments = 0;

  constructor(options: ProjectOptions) {
    this.options = options;
    this.#addresses = new AddressPool(options.addresses);
  }

  get id(): string {
    return this.options.projectId;
  }

  /** Throws 404, also for a resource of another zone or region. `place` null: the kind has none. */
  get<K extends Kind>(kind: K, place: string | null, id: string): Records[K] {
    const found = this.state[kind].get(id);
    if (found === undefined || (place !== null && placeOf(found) !== place))
      throw notFound(resourceNames[kind], id);
    return found;
  }

  /** Throws 403 `quotas_exceeded` if no further resource of the kind fits. */
  requireRoom(kind: Kind): void {
    const limit = this.options.limits[kind];
    if (this.state[kind].size >= limit) throw quotasExceeded(resourceNames[kind], limit);
  }

  /** Throws where somebody names a project that is not this one. */
  requireOwn(project: string | undefined): void {
    if (project === undefined)
      throw invalidArgument("project", "is needed: the key belongs to no default one");
    if (project !== this.id) throw new ApiError(403, "permissions_denied", "insufficient permissions");
  }

  /** What is common to every new resource. */
  resource(zone: string, name: string, tags: readonly string[] = []): Resource {
    const now = timestamp();
    return { id: randomUUID(), zone, created: now, modified: now, name, tags };
  }

  /** What is common to every new resource of a region. */
  regionalResource(region: string, name: string, tags: readonly string[] = []): RegionalResource {
    const now = timestamp();
    return { id: randomUUID(), region, created: now, modified: now, name, tags };
  }

  /** Locally administered, as Scaleway's are: `de:00:00:…`, and `02:00:00:…` in private networks. */
  newMac(first: "de" | "02" = "de"): string {
    const [a = 0, b = 0, c = 0] = randomBytes(3);
    return [first, "00", "00", ...[a, b, c].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
  }

  /** The VPC that a project has in a region without having made one. */
  defaultVpc(region: string): string {
    const vpc = this.#vpcs.get(region) ?? randomUUID();
    this.#vpcs.set(region, vpc);
    return vpc;
  }

  nextAttachment(): number {
    this.#attachments += 1;
    return this.#attachments;
  }

  /** Throws 503 `out_of_stock` if the range is used up. */
  allocateAddress(type: "ipv4" | "ipv6"): string {
    try {
      return this.#addresses.allocate(type);
    } catch (error) {
      throw error instanceof AddressesExhausted ? outOfStock(type) : error;
    }
  }

  releaseAddress(address: string): void {
    this.#addresses.release(address);
  }

  /** Does something beside the requests, after the time that everything takes. `work` handles its own errors. */
  later(work: () => Promise<void>): void {
    const running = sleep(this.options.actionMs).then(work);
    this.#work.add(running);
    void running.finally(() => this.#work.delete(running));
  }

  /** Waits for what is going on, at most `deadlineMs`; throws if it does not end. */
  async settle(deadlineMs: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(deadlineMs, "late" as const, { signal: timer.signal }).catch(() => "aborted" as const);
    const done = (async () => {
      while (this.#work.size > 0) await Promise.all(this.#work);
      return "done" as const;
    })();
    const outcome = await Promise.race([late, done]);
    timer.abort();
    if (outcome === "late")
      throw new Error(`emulated Scaleway: ${this.#work.size} tasks still running after ${deadlineMs} ms`);
  }
}

/** Starts an emulated Hetzner Cloud on a loopback port. */
import { randomInt } from "node:crypto";
import type { MachineFactory } from "../../machines/contract.ts";
import { type AddressRanges, defaultAddressRanges } from "../addresses.ts";
import { Faults } from "../faults.ts";
import { Journal } from "../journal.ts";
import type { Frontends } from "./balancing/frontends.ts";
import { defaultLimits, type Limits, Project, type SoldOut, singular } from "./project.ts";
import { defaultRateLimit, RateLimit, type RateLimitOptions } from "./rate-limit.ts";
import { startServer } from "./server.ts";
import type { InventoryItem } from "./service.ts";
import type { Kind, Resource } from "./state.ts";

export interface HetznerCloudOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** The one accepted bearer token, of 64 characters; also guards the control routes. */
  readonly token: string;
  /** Makes the servers' machines; stays the caller's to close. */
  readonly machines: MachineFactory;
  readonly addresses?: AddressRanges;
  /** What every action takes at least, in milliseconds; default 80. */
  readonly actionMs?: number;
  /** Firmware delay of a machine's boot in milliseconds; default 0. */
  readonly bootDelayMs?: number;
  readonly limits?: Partial<Limits>;
  readonly soldOut?: readonly SoldOut[];
  readonly rateLimit?: RateLimitOptions;
  /** Ids count up from here; default: random, so that clouds side by side do not share ids. */
  readonly firstId?: number;
  /** Where load balancers listen; default: nowhere, they are records only. */
  readonly frontends?: Frontends;
}

export interface HetznerCloud {
  /** `http://127.0.0.1:PORT/v1`: the provider's `endpoint`. */
  readonly endpoint: string;
  readonly journal: Journal;
  readonly faults: Faults;
  /** All resources the project holds, whoever made them; empty after a complete destroy. */
  inventory(): readonly InventoryItem[];
  /**
   * Stops answering and waits up to 30 s for running actions. Machines stay: close their factory.
   * Throws if an action did not end in time.
   */
  close(): Promise<void>;
}

const defaultActionMs = 80;
const tokenLength = 64;
const closeDeadlineMs = 30_000;
/** Ids have 8 digits, as in the real cloud; 10 000 are left to each emulation. */
const idBlocks = { lowest: 1000, highest: 9999, size: 10_000 };

function inventory(project: Project): InventoryItem[] {
  const kinds = Object.keys(singular) as Kind[];
  return kinds.flatMap((kind) => {
    const records: Resource[] = [...project.state[kind].values()];
    return records.map(({ id, name }) => ({ kind, id, name }));
  });
}

/** Listens on 127.0.0.1. Throws on a token of another length, a ZodError on impossible addresses, or the socket's error if the port is taken. */
export async function startHetznerCloud(options: HetznerCloudOptions): Promise<HetznerCloud> {
  if (options.token.length !== tokenLength) {
    // The provider would refuse it with no word about whose fault it is.
    throw new Error(`a Hetzner Cloud token has ${tokenLength} characters, this one ${options.token.length}`);
  }
  const project = new Project({
    machines: options.machines,
    addresses: options.addresses ?? defaultAddressRanges,
    actionMs: options.actionMs ?? defaultActionMs,
    bootDelayMs: options.bootDelayMs ?? 0,
    limits: { ...defaultLimits, ...options.limits },
    soldOut: options.soldOut ?? [],
    frontends: options.frontends ?? null,
    firstId: options.firstId ?? randomInt(idBlocks.lowest, idBlocks.highest) * idBlocks.size,
  });
  const journal = new Journal();
  const faults = new Faults();
  const listening = await startServer({
    project,
    journal,
    faults,
    token: options.token,
    port: options.port ?? 0,
    rateLimit: new RateLimit(options.rateLimit ?? defaultRateLimit),
    inventory: () => inventory(project),
  });
  return {
    endpoint: `http://127.0.0.1:${listening.port}/v1`,
    journal,
    faults,
    inventory: () => inventory(project),
    close: async () => {
      await listening.close();
      await project.actions.settle(closeDeadlineMs);
      await project.traffic.closeAll();
    },
  };
}

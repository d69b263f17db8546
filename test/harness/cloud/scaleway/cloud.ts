/** Starts an emulated Scaleway on a loopback port. */
import { randomUUID } from "node:crypto";
import type { MachineFactory } from "../../machines/contract.ts";
import { type AddressRanges, defaultAddressRanges } from "../addresses.ts";
import { Faults } from "../faults.ts";
import { Journal } from "../journal.ts";
import { defaultLimits, type Limits, Project, type SoldOut } from "./project.ts";
import { startServer } from "./server.ts";
import type { Kind } from "./state.ts";

export interface ScalewayCloudOptions {
  /** Makes the servers' machines; stays the caller's to close. */
  readonly machines: MachineFactory;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly addresses?: AddressRanges;
  /** What a server's change of power takes at least, in milliseconds; default 80. */
  readonly actionMs?: number;
  /** Firmware delay of a machine's boot in milliseconds; default 0. */
  readonly bootDelayMs?: number;
  readonly limits?: Partial<Limits>;
  readonly soldOut?: readonly SoldOut[];
}

/** One resource of the project. */
interface InventoryItem {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
}

/** What the provider is configured with. */
export interface ScalewayAccess {
  /** `http://127.0.0.1:PORT` */
  readonly apiUrl: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly projectId: string;
}

export interface ScalewayCloud {
  readonly access: ScalewayAccess;
  readonly journal: Journal;
  readonly faults: Faults;
  /** What the DNS says: name → address. Reverse names must be there. */
  readonly names: Map<string, string>;
  /** All that a project holds, whoever made it, but for the security groups that come with it. */
  inventory(): readonly InventoryItem[];
  /** Stops answering and waits up to 30 s for what is going on. Machines stay: close their factory. */
  close(): Promise<void>;
}

/** What our own calls of the API are made with. */
export function credentialsOf({ access }: Pick<ScalewayCloud, "access">): {
  endpoint: string;
  secretKey: string;
} {
  return { endpoint: access.apiUrl, secretKey: access.secretKey };
}

const defaultActionMs = 80;
const closeDeadlineMs = 30_000;

function inventory({ state }: Project): InventoryItem[] {
  const kinds = Object.keys(state) as Kind[];
  return kinds.flatMap((kind) =>
    [...state[kind].values()]
      .filter((record) => !("projectDefault" in record && record.projectDefault))
      .map(({ id, name }) => ({ kind, id, name })),
  );
}

/** Listens on 127.0.0.1. Throws a ZodError on impossible addresses, or the socket's error if the port is taken. */
export async function startScalewayCloud(options: ScalewayCloudOptions): Promise<ScalewayCloud> {
  const project = new Project({
    projectId: randomUUID(),
    machines: options.machines,
    addresses: options.addresses ?? defaultAddressRanges,
    actionMs: options.actionMs ?? defaultActionMs,
    bootDelayMs: options.bootDelayMs ?? 0,
    limits: { ...defaultLimits, ...options.limits },
    soldOut: options.soldOut ?? [],
  });
  const journal = new Journal();
  const faults = new Faults();
  const secretKey = randomUUID();
  const listening = await startServer({ project, journal, faults, secretKey, port: options.port ?? 0 });
  return {
    access: {
      apiUrl: `http://127.0.0.1:${listening.port}`,
      // The SDK checks its shape: SCW and 17 capital letters or digits.
      accessKey: "SCWEMULATED000000000",
      secretKey,
      projectId: project.id,
    },
    journal,
    faults,
    names: project.names,
    inventory: () => inventory(project),
    close: async () => {
      await listening.close();
      await project.settle(closeDeadlineMs);
    },
  };
}

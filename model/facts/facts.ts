/** Facts: what the cloud and Pulumi know of the hosts, as NixOS modules see it under `config.fleet`. No secrets. */

import { z } from "zod";

/** Facts of one host that exist only once its server or keys do. */
export const dynamicFactNames = ["ipv4", "ipv6", "hostKey", "ageRecipient", "wireguardKey"] as const;
export type DynamicFactName = (typeof dynamicFactNames)[number];

/**
 * Path of a fact: `hosts.<host>.<name>`, `hosts.<host>.volumes.<volume>.device`, the stack-wide `deployKeys`, or `facts.<name>`, a
 * fact of one's own.
 */
export type FactPath =
  | `hosts.${string}.${DynamicFactName}`
  | `hosts.${string}.volumes.${string}.device`
  | "deployKeys"
  | `facts.${string}`;

/** Value of a fact, as JSON; null: this host has none (no IPv6, say). `deployKeys` is a list. */
export type FactValue =
  | string
  | number
  | boolean
  | null
  | readonly FactValue[]
  | { readonly [name: string]: FactValue };

/** What a fact may be. */
export const factValueSchema: z.ZodType<FactValue> = z.json();

/** A fact as seen now: a value, or unknown until something exists (preview). */
export type Fact =
  | { readonly known: true; readonly value: FactValue }
  | { readonly known: false; readonly until: string };

/** Facts that follow from the configuration alone. */
export interface StaticHostFacts {
  readonly provider: "hetzner" | "scaleway" | "existing";
  readonly location: string | null;
  readonly tags: readonly string[];
  /** Port of its SSH server. */
  readonly sshPort: number;
  /** By private network. */
  readonly privateAddresses: Readonly<Record<string, string>>;
  /** Volumes that outlive the server, by name; sizes in GB. Where they are found on the host is a dynamic fact. */
  readonly volumes: Readonly<Record<string, { readonly size: number }>>;
}

/** A private network, whose addresses hosts have. */
export interface NetworkFacts {
  /** The whole network: `10.0.0.0/16`. */
  readonly range: string;
  /** What hosts' addresses are of. */
  readonly subnet: string;
}

/** Everything of the fleet that is known before anything exists. */
export interface StaticFacts {
  readonly project: string;
  /** Its name within the project. */
  readonly stack: string;
  readonly hosts: Readonly<Record<string, StaticHostFacts>>;
  readonly networks: Readonly<Record<string, NetworkFacts>>;
  /** Names of the facts of one's own; their values are dynamic. */
  readonly customFacts: readonly string[];
}

/** Reads dynamic facts. `now` never waits; `settle` waits until the fact is known or known to be unknown. */
export interface FactSource {
  readonly fixed: StaticFacts;
  now(path: FactPath): Fact | undefined;
  settle(path: FactPath): Promise<Fact>;
}

/** All dynamic fact paths of a fleet, in a fixed order. */
export function factPaths(fixed: StaticFacts): FactPath[] {
  const hosts = Object.keys(fixed.hosts).sort();
  return [
    "deployKeys",
    ...hosts.flatMap((host) => dynamicFactNames.map((name): FactPath => `hosts.${host}.${name}`)),
    ...hosts.flatMap((host) =>
      Object.keys(fixed.hosts[host]?.volumes ?? {})
        .sort()
        .map((volume): FactPath => `hosts.${host}.volumes.${volume}.device`),
    ),
    ...fixed.customFacts.map((name): FactPath => `facts.${name}`),
  ];
}

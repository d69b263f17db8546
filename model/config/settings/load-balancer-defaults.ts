import { preferredOf } from "../hosts/allowed-locations.ts";
import type { HostSettings } from "../schema.ts";
import type { BalancerServiceSettings, BalancerSettings } from "./load-balancer.ts";

/** Hetzner's own defaults (docs.hetzner.cloud, Load Balancers), written out so that nothing is left to guess. */
export const balancerDefaults = {
  type: "lb11",
  cookie: "HCLBSTICKY",
  lifetime: 300,
  check: { interval: 15, timeout: 10, retries: 3, statusCodes: ["2??", "3??"] },
} as const;

const usualPorts = { tcp: undefined, http: 80, https: 443 } as const;

/** Port that a service listens on; undefined: it says none, and its protocol has none. */
export function listenPort({ protocol, listen }: BalancerServiceSettings): number | undefined {
  return listen ?? usualPorts[protocol];
}

/** How often a service checks its targets, and how long it waits for them. */
export function checkTimes({ healthCheck: check }: BalancerServiceSettings): {
  readonly interval: number;
  readonly timeout: number;
} {
  const interval = check?.interval ?? balancerDefaults.check.interval;
  return { interval, timeout: check?.timeout ?? Math.min(balancerDefaults.check.timeout, interval) };
}

/** Where a load balancer is. */
export function balancerLocation(
  { location }: Pick<BalancerSettings, "location">,
  { location: one, locations: several }: Pick<HostSettings, "location" | "locations">,
): NonNullable<BalancerSettings["location"]> {
  return location ?? preferredOf(several ?? [one ?? "nbg1"]);
}

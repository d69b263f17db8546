import type { InventoryHost } from "./inventory.ts";
import { passedHosts } from "./jump.ts";

/** Hosts of the fleet that another one needs before anything can be done with it: they build it, or it is reached through them. @internal */
export function neededHosts({ jump, build }: Pick<InventoryHost, "jump" | "build">): string[] {
  return [...passedHosts(jump), ...(build.on === "host" ? [build.host] : [])];
}

/** The hosts in an order in which each comes after those it needs; otherwise as they were. There are no circles (`jumpErrors`). */
export function inOrder<T extends Pick<InventoryHost, "name" | "jump" | "build">>(hosts: readonly T[]): T[] {
  const ordered = new Map<string, T>();
  const add = (host: T) => {
    for (const name of neededHosts(host)) {
      const needed = hosts.find((candidate) => candidate.name === name);
      if (needed !== undefined && !ordered.has(name)) add(needed);
    }
    ordered.set(host.name, host);
  };
  for (const host of hosts) if (!ordered.has(host.name)) add(host);
  return [...ordered.values()];
}

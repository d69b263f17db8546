import type { Fault } from "../../model/errors/config-error.ts";

/** Many hosts alike share their faults: each is told once, at the first of them. */
export function sharedOnce(faults: readonly Fault[]): Fault[] {
  const first = new Map<string, { fault: Fault; more: number }>();
  for (const fault of faults) {
    const key = `${fault.path.split(".").at(-1)} ${fault.reason}`;
    const found = first.get(key);
    first.set(key, found === undefined ? { fault, more: 0 } : { ...found, more: found.more + 1 });
  }
  return [...first.values()].map(({ fault, more }) => {
    if (more === 0) return fault;
    const hosts = more === 1 ? "1 more host" : `${more} more hosts`;
    return { ...fault, reason: `${fault.reason} (so it is with ${hosts})` };
  });
}

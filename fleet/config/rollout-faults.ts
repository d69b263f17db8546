import { selectorsOf } from "../rollout/plan.ts";
import { type Selectable, selectorFaults } from "../rollout/selector.ts";
import type { Fault } from "./fault.ts";
import { rolloutSchema } from "./rollout-settings.ts";

/** Faults between a rollout and the hosts there are. What is wrong with the rollout by itself is told elsewhere. */
export function rolloutFaults(rollout: unknown, hosts: readonly Selectable[]): Fault[] {
  const parsed = rolloutSchema.safeParse(rollout);
  return parsed.success ? selectorFaults(selectorsOf(parsed.data), hosts) : [];
}

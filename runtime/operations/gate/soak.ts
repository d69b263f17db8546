import type { GateHost } from "../../../model/protocol/gate.ts";
import type { HostState } from "../../host/host-state.ts";
import type { HostStatus } from "../status.ts";

/** What a soak is judged by. */
export type SoakingState = Pick<
  HostState,
  "bootId" | "uptimeSeconds" | "current" | "profile" | "confirmed" | "confirmedAgeSeconds" | "failedUnits"
>;

/** Why a host may not let the next wave begin; empty if it may. `first`: the host at the first look. */
export function soakProblems(
  host: Pick<GateHost, "host" | "system" | "goal">,
  first: SoakingState,
  now: SoakingState,
): string[] {
  const systems = host.goal === "boot" ? [now.profile] : [now.current];
  if (host.goal === "switch") systems.push(now.profile);
  const wrong = systems.find((system) => system !== host.system);
  const failed = now.failedUnits.filter((unit) => !first.failedUnits.includes(unit));
  return [
    ...(systems.every((system) => system === host.system)
      ? []
      : [`${host.host}: has ${wrong ?? "no system"} instead of ${host.system}`]),
    ...(first.bootId === now.bootId ? [] : [`${host.host}: was rebooted during the soak`]),
    ...(failed.length === 0 ? [] : [`${host.host}: units failed during the soak: ${failed.join(", ")}`]),
  ];
}

/**
 * Seconds for which a host is known to have had its system, by the host's own clock: a run that goes on where another was killed
 * does not begin the soak again. Never more than the host is up.
 */
export function soakedSeconds(host: Pick<GateHost, "system">, state: SoakingState): number {
  const { confirmed, confirmedAgeSeconds: age, uptimeSeconds } = state;
  if (confirmed.kind !== "read" || confirmed.value.system !== host.system || age === undefined) return 0;
  return Math.max(0, Math.min(age, uptimeSeconds));
}

/** Why a host's answer is none; empty if there is one. */
export function contactErrors(status: HostStatus): string[] {
  return status.reachable ? [] : [`${status.host}: cannot be reached: ${status.seen}`];
}

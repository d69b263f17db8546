import type { Goal } from "./deploy.ts";

/** The one place that says what re-runs what. Lengths are fixed for ever: a longer list would itself be a change. */

/** An install runs again for a new server and for a new reinstall token, and for nothing else. */
export type InstallTriggers<T> = readonly [serverId: T, reinstall: T];

/** See `InstallTriggers`. */
export function installTriggers<T>(serverId: T, reinstall: string | null): InstallTriggers<T | string> {
  return [serverId, reinstall ?? ""];
}

/** A gate runs again when a deployment of its wave has run, and only then. */
export type GateTriggers<T> = readonly [wave: T, runs: T];

/** See `GateTriggers`. `wave`: which host gets which system; `runs`: the ids of their deployments. */
export function gateTriggers<T>(wave: T, runs: T): GateTriggers<T> {
  return [wave, runs];
}

/** A deployment runs again for another system or goal, for drift to repair, and after an install. */
export type DeployTriggers<T> = readonly [toplevel: T, goal: T, drift: T, install: T];

/** Position of the drift token, which is ignored while there is no drift to repair. */
export const driftTriggerIndex = 2;

/**
 * See `DeployTriggers`.
 * @param goal `allowUnreachable`: a host that may be away can have a deployment that is pending, which must not stay so when it no longer may
 * @param drift null while there is none
 */
export function deployTriggers<T>(
  toplevel: T,
  { goal, allowUnreachable }: { readonly goal: Goal; readonly allowUnreachable: boolean },
  drift: T | null,
  installId: T,
): DeployTriggers<T | string> {
  return [toplevel, allowUnreachable ? `${goal} if it is on` : goal, drift ?? "", installId];
}

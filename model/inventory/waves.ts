import type { RolloutConfig } from "../config/settings/rollout.ts";
import { type Selectable, select } from "../naming/selector.ts";

/** Hosts that are deployed together. */
export interface Wave {
  /** `canary`, `wave-1`, `wave-2` …, and `rest`: part of the name of the wave's gate. */
  readonly name: string;
  /** Never empty. */
  readonly hosts: readonly string[];
}

/** How a stack's hosts are deployed. */
export interface Rollout {
  /** Every host in exactly one wave. */
  readonly waves: readonly Wave[];
  /** Deployments at the same time; null: as many as Pulumi runs. */
  readonly maxParallel: number | null;
  /** Seconds between the last deployment of a wave and the next wave. */
  readonly soakSeconds: number;
}

/**
 * Puts every host into the first wave that names it, and those that none names into the last. A wave whose hosts all belong to
 * earlier ones is left out, and so keeps its name free: the others' names do not move.
 */
export function planRollout(config: RolloutConfig, hosts: readonly Selectable[]): Rollout {
  const taken = new Set<string>();
  const take = (name: string, selectors: readonly string[]): Wave[] => {
    const found = new Set(selectors.flatMap((selector) => select(selector, hosts)));
    const wave = hosts.map((host) => host.name).filter((host) => found.has(host) && !taken.has(host));
    for (const host of wave) taken.add(host);
    return wave.length === 0 ? [] : [{ name, hosts: wave }];
  };
  const waves = [
    ...take("canary", config.canary ?? []),
    ...config.waves.flatMap((entry, index) => take(`wave-${index + 1}`, [entry].flat())),
    ...take(
      "rest",
      hosts.map(({ name }) => name),
    ),
  ];
  return { waves, maxParallel: config.maxParallel ?? null, soakSeconds: config.soak };
}

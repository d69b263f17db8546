import type { RolloutConfig } from "../settings/rollout.ts";

/** Every selector of a rollout with its path, such as `fleet:rollout.waves[1][0]`. */
export function selectorsOf(config: Pick<RolloutConfig, "canary" | "waves">): {
  path: string;
  selector: string;
}[] {
  const canary = (config.canary ?? []).map((selector, index) => ({
    path: `fleet:rollout.canary[${index}]`,
    selector,
  }));
  const waves = config.waves.flatMap((entry, index) => {
    const path = `fleet:rollout.waves[${index}]`;
    if (typeof entry === "string") return [{ path, selector: entry }];
    return entry.map((selector, inner) => ({ path: `${path}[${inner}]`, selector }));
  });
  return [...canary, ...waves];
}

import { openFlakeSource } from "../sources/flake-source.ts";
import type { SourceOptions } from "../sources/source-snapshot.ts";
import { configurationNames } from "./configuration-names.ts";

/**
 * `configurationNames` of a flake reference, for callers without an evaluator (`ConfigurationLister` shares the look at the
 * flake with the evaluations).
 * @throws StepError when the flake can't be read
 */
export async function knownConfigurations(flake: string, options: SourceOptions): Promise<readonly string[]> {
  return configurationNames(openFlakeSource(flake, options), options);
}

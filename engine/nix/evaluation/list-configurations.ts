import { configurationNames } from "./configuration-names.ts";
import { openFlakeSource, type SourceOptions } from "../sources/flake-source.ts";

/**
 * `configurationNames` of a flake reference, for callers without an evaluator (`ConfigurationLister` shares the look at the
 * flake with the evaluations).
 * @throws StepError when the flake can't be read
 */
export async function knownConfigurations(flake: string, options: SourceOptions): Promise<readonly string[]> {
  return configurationNames(openFlakeSource(flake, options), options);
}

import { z } from "zod";
import { run } from "../process/run.ts";
import { StepError } from "../step-error.ts";
import { nixArguments, nixEnvironment } from "./environment.ts";
import { openFlakeSource, type SourceOptions } from "./flake-source.ts";
import { describeNixError } from "./nix-error.ts";
import { nixString } from "./nix-string.ts";

/**
 * Names under `nixosConfigurations` of a flake, sorted; empty when it has none.
 * @throws StepError when the flake can't be read
 */
export async function configurationNames(flake: string, options: SourceOptions): Promise<string[]> {
  const { locked } = await openFlakeSource(flake, options).snapshot();
  // Attribute names only: no configuration is evaluated.
  const configurations = `(builtins.getFlake ${nixString(locked)}).nixosConfigurations or { }`;
  const args = ["eval", "--json", "--expr", `builtins.attrNames (${configurations})`];
  const result = await run("nix", nixArguments(...args), {
    env: nixEnvironment(),
    timeoutSeconds: options.timeoutSeconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (!result.ok)
    throw new StepError({ step: `listing the hosts of ${flake}`, ...describeNixError(result, options) });
  return z.array(z.string()).parse(JSON.parse(result.stdout));
}

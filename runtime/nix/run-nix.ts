import type { Limits } from "../platform/limits.ts";
import { type RunOptions, type RunResult, run } from "../platform/run-command.ts";
import { nixArguments, nixEnvironment } from "./environment.ts";
import { interruptible } from "./interrupted-build.ts";

/**
 * Runs `nix` with the given subcommand and options, in the user's own environment. It ends with its deadline, its signal, or this
 * process.
 */
export async function runNix(
  args: readonly string[],
  limits: Pick<RunOptions, keyof Limits | "maxBytes">,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return interruptible(limits.signal, (signal) =>
    run("nix", nixArguments(...args), {
      env: { ...nixEnvironment(), ...environment },
      ...limits,
      signal,
    }),
  );
}

import type { Reporter } from "../platform/reporter.ts";
import { type RunResult, run } from "../platform/run-command.ts";
import { nixArguments, nixEnvironment } from "./environment.ts";
import { interruptible } from "./interrupted-build.ts";

/** Limits of one Nix process, and who hears of it. */
export interface NixLimits {
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly reporter?: Reporter | undefined;
  /** See `RunOptions`. */
  readonly maxBytes?: number;
}

/**
 * Runs `nix` with the given subcommand and options, in the user's own environment. It ends with its deadline, its signal, or this
 * process.
 */
export async function runNix(
  args: readonly string[],
  limits: NixLimits,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const { timeoutSeconds, reporter, maxBytes } = limits;
  return interruptible(limits.signal, (signal) =>
    run("nix", nixArguments(...args), {
      env: { ...nixEnvironment(), ...environment },
      timeoutSeconds,
      signal,
      ...(reporter === undefined ? {} : { reporter }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    }),
  );
}

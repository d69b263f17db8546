import { existsSync } from "node:fs";
import { type RunOptions, type RunResult, run } from "../../../runtime/platform/run-command.ts";

const setpriv = "/usr/bin/setpriv";

/**
 * Runs a program as `run` does, and has the kernel end it when this process dies, even by kill -9: an orphaned compiler or
 * downloader would go on writing where the next set-up already works. Where there is no setpriv (not Linux) it is only
 * ended on a regular interruption.
 */
export async function runTied(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  if (!existsSync(setpriv)) return await run(command, args, options);
  return await run(setpriv, ["--pdeathsig", "KILL", "--", command, ...args], options);
}

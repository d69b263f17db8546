import type { Elevation } from "../../model/protocol/connection.ts";
import type { RunOptions, RunResult } from "../platform/run-command.ts";
import { elevationOf, type RootCommand, rootCommand } from "./privilege-command.ts";
import { rootCheckSeconds, rootError, wantsTerminal } from "./privilege-error.ts";
import type { SshTarget } from "./target.ts";

/**
 * Gives the commands of one connection to root. The first of them finds out whether the user becomes root at all: a password that is
 * wrong is tried once and not with every command, and whoever refuses it is told apart from a command that fails.
 * @param run runs a command that is quoted for the target's shell
 */
export function createPrivilegeEscalation(
  target: SshTarget,
  run: (command: string, options: RunOptions) => Promise<RunResult>,
): (argv: readonly string[]) => Promise<RootCommand> {
  const elevation = elevationOf(target.connection);
  const attempt = async (terminal: boolean): Promise<RunResult> => {
    const { command, ahead } = await rootCommand(target.connection, ["true"], terminal);
    return run(command, { input: ahead, timeoutSeconds: rootCheckSeconds });
  };
  const check = async (by: Elevation): Promise<{ readonly terminal: boolean } | undefined> => {
    for (const terminal of [false, true]) {
      const result = await attempt(terminal);
      if (result.ok) return { terminal };
      // The command itself will tell what became of the connection.
      if (result.exitCode === connectionTrouble) return undefined;
      if (terminal || !wantsTerminal(result)) throw rootError(target, by, result);
    }
    return undefined;
  };
  let checked: ReturnType<typeof check> | undefined;
  return async (argv) => {
    if (elevation === null) return rootCommand(target.connection, argv);
    checked ??= check(elevation);
    const found = await checked;
    if (found === undefined) checked = undefined;
    return rootCommand(target.connection, argv, found?.terminal);
  };
}

/** ssh(1), EXIT STATUS. */
const connectionTrouble = 255;

import type { Command } from "commander";
import type { StackSelection } from "../runtime/pulumi/outputs.ts";
import { interruptSignal } from "./io/abort-signal.ts";
import { positiveInteger } from "./io/number-option.ts";
import { write } from "./io/view.ts";

/** Options of `rollback` as they were given. @internal */
export interface RollbackFlags {
  readonly to?: number;
  readonly lastUpdate: boolean;
  readonly parallel?: number;
  readonly yes: boolean;
  readonly json: boolean;
}

/** What is rolled back: one host to a generation, or hosts to what they ran before the last update; or what is wrong with the options. @internal */
export type RollbackRequest =
  | { readonly kind: "host"; readonly host: string; readonly to: number | undefined }
  | { readonly kind: "last-update"; readonly selectors: readonly string[]; readonly parallel: number }
  | { readonly kind: "usage"; readonly error: string };

const hostsAtOnce = 8;

/** Adds `rollback`. */
export function addRollback(program: Command, selection: () => StackSelection): void {
  program
    .command("rollback")
    .description("activate an older system again: on one host, or on all hosts that the last update changed")
    .argument("[selectors...]", 'one host; with --last-update: hosts, and "@" with tags; none: all hosts')
    .option("--to <generation>", "of one host: this generation (default: the previous one)", positiveInteger)
    .option("--last-update", "roll back what the last update changed on hosts", false)
    .option(
      "-p, --parallel <hosts>",
      `with --last-update: hosts at the same time (default: ${hostsAtOnce})`,
      positiveInteger,
    )
    .option("-y, --yes", "do not ask", false)
    .option("--json", "with --last-update and --yes: machine-readable", false)
    .action(async (selectors: string[], flags: RollbackFlags, command: Command) => {
      const request = rollbackRequest(selectors, flags);
      const view = { yes: flags.yes, write, signal: interruptSignal() };
      switch (request.kind) {
        case "usage":
          return command.error(`error: ${request.error}`);
        case "host": {
          const { rollBackHost } = await import("./commands/rollback.ts");
          process.exitCode = await rollBackHost(selection(), request.host, { ...view, to: request.to });
          return;
        }
        case "last-update": {
          const { rollBackLastUpdate } = await import("./commands/rollback-last-update.ts");
          const { parallel } = request;
          const options = { ...view, json: flags.json, parallel };
          process.exitCode = await rollBackLastUpdate(selection(), request.selectors, options);
        }
      }
    });
}

/** Reads the words and options of `rollback` together. @internal */
export function rollbackRequest(selectors: readonly string[], flags: RollbackFlags): RollbackRequest {
  const error = flags.lastUpdate ? lastUpdateError(flags) : hostError(selectors, flags);
  if (error !== undefined) return { kind: "usage", error };
  const [host] = selectors;
  if (flags.lastUpdate || host === undefined)
    return { kind: "last-update", selectors, parallel: flags.parallel ?? hostsAtOnce };
  return { kind: "host", host, to: flags.to };
}

function lastUpdateError({ to, json, yes }: RollbackFlags): string | undefined {
  if (to !== undefined) return "--to cannot be combined with --last-update";
  return json && !yes ? "--json asks no question: add --yes" : undefined;
}

function hostError(selectors: readonly string[], { parallel, json }: RollbackFlags): string | undefined {
  const [host] = selectors;
  if (host === undefined) return "name one host, or use --last-update";
  if (selectors.length > 1 || host.startsWith("@"))
    return "rollback takes one host; use --last-update for several hosts";
  if (parallel !== undefined) return "--parallel needs --last-update";
  return json ? "--json needs --last-update" : undefined;
}

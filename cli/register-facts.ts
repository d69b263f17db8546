import type { Command } from "commander";
import type { StackSelection } from "../runtime/pulumi/outputs.ts";

interface FactsOptions {
  readonly write: boolean;
  readonly check: boolean;
  readonly to?: string;
  readonly json: boolean;
}

/** Adds the verb for what hosts know of each other. */
export function addFacts(program: Command, selection: () => StackSelection): void {
  program
    .command("facts")
    .description("what the hosts know of each other; write it for tools that build without `pulumi up`")
    .option("--write", "write it into the flakes of the stack", false)
    .option("--check", "compare what is written there", false)
    .option("--to <folder>", "with these two: the folder to write into, in place of the flakes' facts/")
    .option("--json", "print it for programs", false)
    .action(async (options: FactsOptions, verb: Command) => {
      const { write, check, to, json } = options;
      if (write && check) verb.error("error: --write and --check exclude each other");
      if (json && (write || check)) verb.error("error: --json prints: without --write and --check");
      if (to !== undefined && !write && !check) verb.error("error: --to goes with --write or --check");
      const { facts } = await import("./commands/facts.ts");
      const job = write ? "write" : check ? "check" : "print";
      process.exitCode = await facts(selection(), {
        ...{ job, to, json },
        write: (text) => process.stdout.write(text),
      });
    });
}

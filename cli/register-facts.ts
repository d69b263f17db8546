import type { Command } from "commander";
import type { StackSelection } from "../runtime/pulumi/outputs.ts";
import { write } from "./io/view.ts";

/** Adds the command for what hosts know of each other. */
export function addFacts(program: Command, selection: () => StackSelection): void {
  const facts = program
    .command("facts")
    .description("show the facts that hosts know about each other")
    .option("--json", "machine-readable", false)
    .action(async ({ json }: { json: boolean }) => {
      const { printFacts } = await import("./commands/facts.ts");
      await printFacts(selection(), { json, write });
    });

  facts
    .command("export")
    .description("write the facts into the flakes of the stack, for tools that build without `pulumi up`")
    .option("--to <folder>", "write into this folder, in place of the flakes' facts/")
    .action(async ({ to }: { to?: string }) => {
      const { exportFacts } = await import("./commands/facts.ts");
      await exportFacts(selection(), { to, write });
    });

  facts
    .command("check")
    .description("compare the facts in the flakes of the stack; exit code 1 if they differ")
    .option("--to <folder>", "compare this folder, in place of the flakes' facts/")
    .action(async ({ to }: { to?: string }) => {
      const { checkFacts } = await import("./commands/facts.ts");
      process.exitCode = await checkFacts(selection(), { to, write });
    });
}

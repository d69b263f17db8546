import { Command } from "commander";
import type { StackSelection } from "../runtime/pulumi/outputs.ts";
import { ignoreBrokenPipe, interruptSignal } from "./io/abort-signal.ts";
import { positiveInteger } from "./io/number-option.ts";
import { fail } from "./io/report-error.ts";
import { write } from "./io/view.ts";
import { addFacts } from "./register-facts.ts";
import { addHostCommands } from "./register-host-commands.ts";
import { addRollback } from "./register-rollback.ts";

ignoreBrokenPipe();

const program = new Command("fleet")
  .description("Operates the hosts of a stack: what `pulumi up` does not do.")
  .option("-s, --stack <name>", "stack to work on (default: the selected one)")
  .option("-C, --cwd <folder>", "project folder", process.cwd())
  .enablePositionalOptions()
  .showHelpAfterError()
  // Commander has 1 for all errors; here 1 is what a command found out.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

function selection(): StackSelection {
  const { stack, cwd } = program.opts<{ stack?: string; cwd: string }>();
  return { projectRoot: cwd, ...(stack === undefined ? {} : { stack }) };
}

program
  .command("doctor")
  .description("report what is missing on this machine")
  .option("--demo", "for the demo and the tests: what was found and what set-up would download", false)
  .action(async ({ demo }: { demo: boolean }) => {
    const { doctor } = await import("./commands/doctor.ts");
    process.exitCode = await doctor({ demo, write });
  });

addFacts(program, selection);

program
  .command("generations")
  .description("list the generations of a host")
  .argument("<host>")
  .option("--json", "machine-readable", false)
  .action(async (host: string, { json }: { json: boolean }) => {
    const { generations } = await import("./commands/generations.ts");
    process.exitCode = await generations(selection(), host, { json, write, signal: interruptSignal() });
  });

program
  .command("history")
  .description("list the deployments that hosts have recorded")
  .argument("[host]")
  .option("-n, --lines <number>", "newest deployments of each host", positiveInteger, 20)
  .option("--json", "machine-readable", false)
  .action(async (host: string | undefined, { json, lines }: { json: boolean; lines: number }) => {
    const { history } = await import("./commands/history.ts");
    const view = { json, count: lines, write, signal: interruptSignal() };
    process.exitCode = await history(selection(), host, view);
  });

addRollback(program, selection);

program
  .command("ssh")
  .description("log in to a host, or run a command there")
  .argument("<host>")
  .argument("[command...]")
  .passThroughOptions()
  .action(async (host: string, command: string[]) => {
    const { ssh } = await import("./commands/ssh.ts");
    process.exitCode = await ssh(selection(), host, command, interruptSignal());
  });

program
  .command("unlock")
  .description("free the stack after a killed run: shows the lock's owner, checks that it has ended")
  .option("-y, --yes", "do not ask", false)
  .action(async ({ yes }: { yes: boolean }) => {
    const { unlockStack } = await import("./commands/unlock.ts");
    process.exitCode = await unlockStack(selection(), { yes, write });
  });

addHostCommands(program, selection);

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}

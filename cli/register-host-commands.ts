import type { Command } from "commander";
import type { StackSelection } from "../runtime/pulumi/outputs.ts";
import type { ExecView } from "./commands/exec.ts";
import type { RebootView } from "./commands/reboot.ts";
import { interruptSignal } from "./io/abort-signal.ts";
import { positiveInteger } from "./io/number-option.ts";
import { write } from "./io/view.ts";

const selectorHelp = 'hosts, and "@" with tags; none: all hosts';

/** Adds the commands that work on several hosts at once. */
export function addHostCommands(program: Command, selection: () => StackSelection): void {
  addStatus(program, selection);
  addHosts(program, selection);
  addCheck(program, selection);
  addExec(program, selection);
  addReboot(program, selection);
}

function addStatus(program: Command, selection: () => StackSelection): void {
  program
    .command("status")
    .description("show the system that hosts run and the wanted one; for their health see check")
    .argument("[selectors...]", selectorHelp)
    .option("--json", "machine-readable", false)
    .action(async (selectors: string[], { json }: { json: boolean }) => {
      const { status } = await import("./commands/status.ts");
      process.exitCode = await status(selection(), selectors, { json, write, signal: interruptSignal() });
    });
}

function addHosts(program: Command, selection: () => StackSelection): void {
  program
    .command("hosts")
    .description("list hosts with addresses, tags and waves")
    .argument("[selectors...]", selectorHelp)
    .option("--configured", "as the stack's file has them, also before they exist", false)
    .option("--json", "machine-readable", false)
    .action(async (selectors: string[], { configured, json }: { configured: boolean; json: boolean }) => {
      const list = configured
        ? (await import("./commands/hosts-configured.ts")).listConfiguredHosts
        : (await import("./commands/hosts.ts")).listHosts;
      process.exitCode = await list(selection(), selectors, { json, write });
    });
}

function addCheck(program: Command, selection: () => StackSelection): void {
  program
    .command("check")
    .description("show status, and failed units, disks, memory, load, clock")
    .argument("[selectors...]", selectorHelp)
    .option("--json", "machine-readable", false)
    .action(async (selectors: string[], { json }: { json: boolean }) => {
      const { check } = await import("./commands/check.ts");
      process.exitCode = await check(selection(), selectors, { json, write, signal: interruptSignal() });
    });
}

function addExec(program: Command, selection: () => StackSelection): void {
  program
    .command("exec")
    .description("run a command on several hosts")
    .argument("<selectors>", 'hosts, and "@" with tags, separated by commas')
    .argument("<command...>", "one word: a line for the shell; several: a program with its arguments")
    .option("-p, --parallel <hosts>", "hosts at the same time", positiveInteger, 16)
    .option("-t, --timeout <seconds>", "limit of the command on each host", positiveInteger, 600)
    .option("--root", "run it as root where the user is not", false)
    .option("--json", "machine-readable", false)
    .passThroughOptions()
    .action(
      async (
        selectors: string,
        words: string[],
        options: Omit<ExecView, "write" | "signal">,
        self: Command,
      ) => {
        // Whatever follows the selectors is passed through, this as well.
        const command = words[0] === "--" ? words.slice(1) : words;
        if (command.length === 0) self.error("error: missing required argument 'command'");
        const { exec } = await import("./commands/exec.ts");
        const view = { ...options, write, signal: interruptSignal() };
        process.exitCode = await exec(selection(), selectors, command, view);
      },
    );
}

function addReboot(program: Command, selection: () => StackSelection): void {
  program
    .command("reboot")
    .description("reboot hosts as a deployment does: drain them, and check that they come back healthy")
    .argument("<selectors...>", 'hosts, and "@" with tags')
    .option("-p, --parallel <hosts>", "hosts at the same time", positiveInteger, 1)
    .option(
      "-t, --timeout <seconds>",
      "until a host has to be back (default: deadlines.deploy.reboot)",
      positiveInteger,
    )
    .option("--keep-going", "continue with other hosts after a failure", false)
    .option("-y, --yes", "do not ask", false)
    .option("--json", "machine-readable", false)
    .action(async (selectors: string[], options: Omit<RebootView, "write" | "signal">) => {
      const { reboot } = await import("./commands/reboot.ts");
      const view = { ...options, write, signal: interruptSignal() };
      process.exitCode = await reboot(selection(), selectors, view);
    });
}

import { text as readAll } from "node:stream/consumers";
import { config } from "zod";
import { StepError } from "../../runtime/platform/step-error.ts";
import { ignoreBrokenPipe, interruptSignal } from "../io/abort-signal.ts";
import { fail } from "../io/report-error.ts";

/** Gets a specification as it came, and gives the result. */
type InternalCommand = (input: string, io: { readonly signal: AbortSignal }) => Promise<unknown>;

const commands: Readonly<Record<string, () => Promise<InternalCommand>>> = {
  "attach-volume": async () => (await import("./volume.ts")).runAttachVolume,
  deploy: async () => (await import("./deploy.ts")).runDeploy,
  "detach-volume": async () => (await import("./volume.ts")).runDetachVolume,
  gate: async () => (await import("./gate.ts")).runGate,
  install: async () => (await import("./install.ts")).runInstall,
  "scan-host-key": async () => (await import("./scan-host-key.ts")).runScanHostKey,
  "take-over": async () => (await import("./take-over.ts")).runTakeOver,
};

// Each schema parses a document or two here: compiling it takes longer. Before any schema is created, so the commands are loaded later.
config({ jitless: true });

/** What the Pulumi program runs. Specification on standard input, result as one JSON line on standard output. */
async function main([, , , name = "", ...rest]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined || rest.length > 0)
    throw new StepError({
      step: "reading the command line",
      seen: `\`internal ${[name, ...rest].join(" ")}\` is not a command: must be one of ${Object.keys(commands).join(", ")}`,
      next: "leave it to `pulumi up`: these commands are not for people",
    });
  // The code is loaded while the specification comes.
  const [command, input] = await Promise.all([load(), readAll(process.stdin)]);
  const result = await command(input, { signal: interruptSignal() });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

ignoreBrokenPipe();
main(process.argv).catch(fail);

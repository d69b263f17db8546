import { once } from "node:events";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { Command } from "commander";
import { prepareMachineRoot } from "./machine-root.ts";
import { startWorld } from "./world.ts";
import { worldSupport } from "./world-support.ts";

interface EnterOptions {
  readonly state?: string;
  readonly nix?: string;
}

const program = new Command("enter")
  .description("run a command in a fresh world; its exit code and signals are passed through")
  .option("--state <folder>", "folder for machines and volumes (default: a new one, removed at the end)")
  .option("--nix <folder>", "folder shown as /nix where there is no Nix store (default: in the state folder)")
  .argument("<command...>")
  .passThroughOptions()
  .action(async (command: string[], options: EnterOptions) => {
    process.exitCode = await enter(command, options);
  });
await program.parseAsync();

async function enter(command: readonly string[], options: EnterOptions): Promise<number> {
  const support = worldSupport();
  if (!support.ok) {
    console.error(support.reason);
    return 69;
  }
  await prepareMachineRoot();
  const world = await startWorld({
    ...(options.state === undefined ? {} : { stateDir: options.state }),
    ...(options.nix === undefined ? {} : { nixDir: options.nix }),
  });
  // Listening comes first: the command may be heard of, and signalled, before spawn has returned.
  let nsenter: number | undefined;
  const release = passSignals(() => nsenter);
  const child = world.spawn(command);
  nsenter = child.pid;
  const stopWatching = endWithParent(world.pid);
  try {
    const [code, signal]: unknown[] = await once(child, "exit");
    if (typeof code === "number") return code;
    return (
      128 +
      (typeof signal === "string"
        ? (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0)
        : 0)
    );
  } finally {
    release();
    stopWatching();
    await world.close();
  }
}

/** nsenter passes no signals on: they go to the program it has started. */
function passSignals(nsenter: () => number | undefined): () => void {
  const pass = (signal: NodeJS.Signals) => {
    // The terminal has sent these to the whole foreground group already.
    if (process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT")) return;
    const parent = nsenter();
    const inner = parent === undefined ? undefined : childOf(parent);
    if (inner !== undefined) process.kill(inner, signal);
    else if (!over) setTimeout(pass, 20, signal);
  };
  let over = false;
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) process.on(signal, pass);
  return () => {
    over = true;
    for (const signal of signals) process.off(signal, pass);
  };
}

function childOf(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return child === undefined || child === "" ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

/** tsx runs us as its child: when it is killed, nobody tells us. */
function endWithParent(world: number): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    process.kill(world, "SIGKILL");
    process.exit(137);
  }, 250);
  return () => clearInterval(timer);
}

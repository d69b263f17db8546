import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const timeoutMs = 10_000;
const pauseMs = 5;

/**
 * Ends a process of ours at once, with all that it has started, and resolves when nothing of it is left.
 *
 * Who starts another process and has it die with itself can ask for that only after the fork: killed just before, the other would live on.
 * So it is stopped first, and killed when it can start nothing more.
 * @throws Error if something survives for 10 s
 */
export async function killTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(timeoutMs) });
  const children = stopped(pid).then(() => {
    const found = childrenOf(pid);
    for (const one of [pid, ...found]) send(one, "SIGKILL");
    return found;
  });
  const [started] = await Promise.all([children, ended]);
  for (const one of started)
    await until(() => "ZX".includes(stateOf(one)), `process ${one} of a machine survives its kill`);
}

/** Processes that one has started, oldest first, in our namespace; none of one that has ended. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return [];
  }
}

async function stopped(pid: number): Promise<void> {
  send(pid, "SIGSTOP");
  await until(() => "TZX".includes(stateOf(pid)), `process ${pid} of a machine does not stop`);
}

/** Letter of proc_pid_stat(5); X: it is gone. */
function stateOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before it may hold anything, parentheses as well.
    return text.slice(text.lastIndexOf(")") + 2).charAt(0);
  } catch {
    return "X";
  }
}

async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await sleep(pauseMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself, or with its parent.
  }
}

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** One process as the process table shows it. @internal */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Short name (`comm` of proc(5)). */
  readonly name: string;
}

/** Reads one process; undefined when it is gone. A zombie counts as gone. */
export type ReadProcess = (pid: number) => ProcessEntry | undefined;

/** Whether a process name is the engine's: `pulumi`, or `.pulumi-wrapped` where the distribution wraps it. */
export function isEngine(name: string): boolean {
  return /^\.?pulumi(-wrapped)?$/.test(name);
}

/** A deeper chain is not a chain of ours. */
const longestChain = 32;

/** Reads `/proc/<pid>/stat` (proc_pid_stat(5)); the name may itself hold spaces and parentheses. @internal */
export function parseProcStat(text: string): (ProcessEntry & { readonly state: string }) | undefined {
  const match = /^(\d+) \((.*)\) (\S) (\d+) /s.exec(text);
  if (match === null) return undefined;
  const [, pid, name, state, parent] = match;
  if (pid === undefined || name === undefined || state === undefined || parent === undefined)
    return undefined;
  return { pid: Number(pid), parent: Number(parent), name, state };
}

/** A line of ps(1); `command` is what its last column holds. */
export interface PsLine extends ProcessEntry {
  readonly state: string;
  readonly command: string;
}

/** Reads what `ps -o pid=,ppid=,stat=,comm=` prints, or `args=` in the last column (POSIX ps). */
export function parsePs(text: string): PsLine[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (state === undefined || command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), state, name: path.basename(command), command }];
  });
}

/** Reads a process of this machine. */
export const readProcess: ReadProcess = (pid) => {
  try {
    const entry =
      process.platform === "linux"
        ? parseProcStat(readFileSync(`/proc/${pid}/stat`, "utf8"))
        : parsePs(
            execFileSync("ps", ["-o", "pid=,ppid=,stat=,comm=", "-p", String(pid)], { encoding: "utf8" }),
          )[0];
    return entry === undefined || /^[ZX]/.test(entry.state) ? undefined : entry;
  } catch {
    return undefined;
  }
};

/**
 * Ancestors that must live on for our work to make sense, nearest first: up to the Pulumi engine where one is above us (a
 * killed engine leaves its plugin and us running, so the direct parent alone says nothing), otherwise the direct parent only.
 */
export function chainToEngine(read: ReadProcess, pid: number): number[] {
  const chain: number[] = [];
  let current = read(pid);
  while (current !== undefined && current.parent > 1 && chain.length < longestChain) {
    chain.push(current.parent);
    current = read(current.parent);
    if (current !== undefined && isEngine(current.name)) return chain;
  }
  return chain.slice(0, 1);
}

/** True while every link still names its parent: a process whose parent died is handed to another one. @internal */
export function chainIsIntact(read: ReadProcess, pid: number, chain: readonly number[]): boolean {
  let child = pid;
  for (const parent of chain) {
    if (read(child)?.parent !== parent) return false;
    child = parent;
  }
  return true;
}

/** How often the chain is checked, in milliseconds: an orphan notices within this time. */
const pollMs = 1000;

/**
 * Watches the processes above us and aborts the signal once one of them is gone, so that an orphan of a killed `pulumi` ends its
 * work (and its children, which take the same signal) instead of running at the same time as the next one. The timer keeps no process alive.
 */
export function watchParent(
  options: { pid?: number; read?: ReadProcess; pollMs?: number } = {},
): AbortSignal {
  const pid = options.pid ?? process.pid;
  const read = options.read ?? readProcess;
  const controller = new AbortController();
  const chain = chainToEngine(read, pid);
  const timer = setInterval(() => {
    if (chainIsIntact(read, pid, chain)) return;
    clearInterval(timer);
    controller.abort(new Error("the process that started this one has ended"));
  }, options.pollMs ?? pollMs);
  timer.unref();
  return controller.signal;
}

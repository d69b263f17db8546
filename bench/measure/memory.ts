import { readdirSync, readFileSync } from "node:fs";

/** Process ids below `root` in the tree of processes, without itself. @param parents process id → its parent's */
export function descendants(root: number, parents: ReadonlyMap<number, number>): number[] {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of parents) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found: number[] = [];
  const waiting = [...(children.get(root) ?? [])];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    found.push(pid);
    waiting.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** MiB of all processes below `root`, pages they share counted once (proportional set size, proc(5) smaps_rollup). */
export function descendantsMiB(root: number = process.pid): number {
  const kib = descendants(root, processParents()).map(proportionalKib);
  return kib.reduce((sum, value) => sum + value, 0) / 1024;
}

/** Peak of the resident set of one process so far, in MiB (proc(5) status, VmHWM); 0 once it has ended. */
export function peakResidentMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readProcess(String(pid), "status") ?? "")?.[1] ?? 0) / 1024;
}

function processParents(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProcess(name, "stat");
    if (stat === undefined) continue;
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  return parents;
}

function proportionalKib(pid: number): number {
  const rollup = readProcess(String(pid), "smaps_rollup");
  // A process that is just ending has no memory left.
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup ?? "")?.[1] ?? 0);
}

function readProcess(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

/** Samples the memory of all processes below this one while `work` runs. @returns the peak in MiB, and what the work returned */
export async function peakMemory<T>(
  work: () => Promise<T>,
  everyMs = 200,
): Promise<{ peakMiB: number; result: T }> {
  let peakMiB = 0;
  const look = () => {
    peakMiB = Math.max(peakMiB, descendantsMiB());
  };
  const timer = setInterval(look, everyMs);
  try {
    const result = await work();
    look();
    return { peakMiB, result };
  } finally {
    clearInterval(timer);
  }
}

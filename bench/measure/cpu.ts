import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Linux reports CPU times in ticks of this length whatever its own clock does (proc(5), "USER_HZ"). */
const ticksPerSecond = 100;

/** CPU seconds of all processes this one has started and waited for, and of those they waited for. */
export function childrenCpuSeconds(stat = readFileSync("/proc/self/stat", "utf8")): number {
  // The second field is the program's name in parentheses and may hold anything; cutime and cstime are the 16th and 17th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [fields[13], fields[14]].map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) / ticksPerSecond;
}

/** Ticks the machine's processors have spent: busy, and in all. */
export interface ProcessorTime {
  readonly busy: number;
  readonly total: number;
}

/** @param stat text of /proc/stat (proc(5)) */
export function processorTime(stat = readFileSync("/proc/stat", "utf8")): ProcessorTime {
  const line = stat.split("\n").find((text) => text.startsWith("cpu "));
  // guest and guest_nice are contained in user and nice.
  const ticks = (line ?? "").trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const [, , , idle = Number.NaN, iowait = Number.NaN] = ticks;
  if (!Number.isFinite(total - idle - iowait)) throw new Error("/proc/stat has no line for all processors");
  return { busy: total - idle - iowait, total };
}

const quietShare = 0.15;
const lookMs = 500;

/** Waits until nothing else keeps the machine busy. @returns whether that came about in time */
export async function quietMoment(patienceSeconds: number): Promise<boolean> {
  const deadline = Date.now() + patienceSeconds * 1000;
  do {
    const before = processorTime();
    await sleep(lookMs);
    const after = processorTime();
    if (after.busy - before.busy <= quietShare * (after.total - before.total)) return true;
  } while (Date.now() < deadline);
  return false;
}

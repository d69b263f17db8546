import { readFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import pLimit, { type LimitFunction } from "p-limit";

/** Memory one real host's evaluation takes at most, roughly (colmena budgets less, large configurations take more). */
const bytesPerHost = 1.5 * 1024 ** 3;

/** How many hosts to evaluate at once: by memory, at most one per core, at least one. @internal */
export function workerCount(availableBytes: number, cores: number): number {
  return Math.max(1, Math.min(cores, Math.floor(availableBytes / bytesPerHost)));
}

/** Memory that can be had without swapping; Linux knows better than `freemem`, which leaves out the page cache. */
function availableMemory(): number {
  try {
    const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return freemem();
}

/** Limits how many Nix evaluations run side by side. */
export function createWorkers(count?: number): LimitFunction {
  return pLimit(count ?? workerCount(availableMemory(), availableParallelism()));
}

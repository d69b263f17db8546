import { readLines } from "../../host/host-state.ts";

/** What is used and free of one file system: KiB, or inodes. */
export interface Usage {
  readonly mount: string;
  readonly used: number;
  readonly free: number;
}

/** How well a host is off. */
export interface Vitals {
  readonly space: readonly Usage[];
  readonly inodes: readonly Usage[];
  /** KiB */
  readonly memory: { readonly total: number; readonly available: number };
  /** Average of a minute, and how many processors share it. */
  readonly load: { readonly minute: number; readonly processors: number };
  /** The host's clock less ours, in seconds. */
  readonly clockSkewSeconds: number;
}

/**
 * Reads what `collect-vitals.sh` printed; undefined when it is not whole.
 * @param asked our clock in milliseconds before the question, and after the answer
 */
export function parseVitals(
  text: string,
  asked: { readonly before: number; readonly after: number },
): Vitals | undefined {
  const lines = readLines(text, "collect-vitals");
  if (lines === undefined) return undefined;
  const usages = (kind: string) =>
    lines.flatMap(([name, value]): Usage[] => {
      const [, used, free, mount] = /^(\d+) (-?\d+) (.+)$/.exec(name === kind ? value : "") ?? [];
      return mount === undefined ? [] : [{ mount, used: Number(used), free: Math.max(0, Number(free)) }];
    });
  const pair = (kind: string) =>
    (lines.find(([name]) => name === kind)?.[1] ?? "").split(" ").map((word) => Number(word || Number.NaN));
  const [total = Number.NaN, available = Number.NaN] = pair("memory");
  const [minute = Number.NaN, processors = Number.NaN] = pair("load");
  const [clock = Number.NaN] = pair("clock");
  if ([total, available, minute, processors, clock].some(Number.isNaN)) return undefined;
  return {
    space: usages("space"),
    inodes: usages("inodes"),
    memory: { total, available },
    load: { minute, processors },
    clockSkewSeconds: skew(clock, asked),
  };
}

/** 0 if the host's second is within the question: the clock has no finer resolution. */
function skew(clock: number, { before, after }: { before: number; after: number }): number {
  const [earliest, latest] = [Math.floor(before / 1000), Math.ceil(after / 1000)];
  if (clock < earliest) return clock - earliest;
  return clock > latest ? clock - latest : 0;
}

/** From this value on an operator should check it. */
const limits = { fullPercent: 90, memoryPercent: 5, loadPerProcessor: 4, skewSeconds: 30 };

/** What is wrong with a host that answers, in phrases; empty if nothing is. */
export function vitalsProblems({ space, inodes, memory, load, clockSkewSeconds }: Vitals): string[] {
  const full = (what: string, usages: readonly Usage[]) =>
    usages.flatMap((usage) => {
      const percent = percentUsed(usage);
      return percent < limits.fullPercent ? [] : [`${usage.mount}: ${percent} % of ${what} used`];
    });
  const free = (100 * memory.available) / memory.total;
  return [
    ...full("space", space),
    ...full("inodes", inodes),
    ...(free < limits.memoryPercent ? [`${Math.floor(free)} % of memory available`] : []),
    ...(load.minute > limits.loadPerProcessor * load.processors
      ? [`load ${load.minute} on ${load.processors} processors`]
      : []),
    ...(Math.abs(clockSkewSeconds) > limits.skewSeconds
      ? [`clock is ${Math.abs(clockSkewSeconds)} s ${clockSkewSeconds < 0 ? "behind" : "ahead"}`]
      : []),
  ];
}

/** As df(1) counts: of what ordinary users can have, rounded up. */
export function percentUsed({ used, free }: Usage): number {
  return used + free === 0 ? 100 : Math.ceil((100 * used) / (used + free));
}

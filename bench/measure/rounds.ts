import type { BenchmarkContext, Report } from "../report.ts";
import { childrenCpuSeconds, quietMoment } from "./cpu.ts";

/** One way to do the work that is compared. Preparation is not measured. */
export interface Contender {
  readonly label: string;
  readonly prepare?: (round: number) => Promise<void>;
  readonly run: (round: number) => Promise<void>;
}

/** What one contender took, per round. */
export interface Measured {
  readonly seconds: number[];
  /** CPU of the processes started for it and waited for; user and system. */
  readonly cpuSeconds: number[];
}

/** Counts samples, and those that other work may have spoiled. */
export class Disturbance {
  #samples = 0;
  #disturbed = 0;

  /** Waits for a quiet moment before a sample. */
  async settle(context: BenchmarkContext): Promise<void> {
    this.#samples += 1;
    if (!(await quietMoment(context.patienceSeconds))) this.#disturbed += 1;
  }

  counts(): Report["disturbed"] {
    return { samples: this.#disturbed, of: this.#samples };
  }
}

/**
 * Measures contenders in turn, each round in an order of its own, so that none always follows the same other. A first round that does
 * not count warms caches up.
 */
export async function measureInterleaved(
  contenders: readonly Contender[],
  context: BenchmarkContext,
  disturbance: Disturbance,
): Promise<ReadonlyMap<string, Measured>> {
  const results = new Map(
    contenders.map(({ label }): [string, Measured] => [label, { seconds: [], cpuSeconds: [] }]),
  );
  for (let round = -1; round < context.rounds; round++)
    for (const contender of shuffled(contenders)) {
      await contender.prepare?.(round);
      if (round >= 0) await disturbance.settle(context);
      const cpuBefore = childrenCpuSeconds();
      const start = performance.now();
      await contender.run(round);
      const seconds = (performance.now() - start) / 1000;
      const cpuSeconds = childrenCpuSeconds() - cpuBefore;
      const when = round < 0 ? "warm-up" : `round ${round + 1}/${context.rounds}`;
      context.say(`${when}: ${contender.label}: ${seconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s`);
      if (round < 0) continue;
      results.get(contender.label)?.seconds.push(seconds);
      results.get(contender.label)?.cpuSeconds.push(cpuSeconds);
    }
  return results;
}

/** Results of one contender. @throws Error when there was none of this name */
export function resultsOf(results: ReadonlyMap<string, Measured>, label: string): Measured {
  const found = results.get(label);
  if (found === undefined) throw new Error(`nothing called "${label}" was measured`);
  return found;
}

/** A random permutation (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const rest = [...items];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return order;
}

/** Middle, least and greatest of some measurements. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws Error for no measurements, or one that is not a number */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error("nothing was measured");
  if (!samples.every(Number.isFinite)) throw new Error(`not all numbers: ${samples.join(" ")}`);
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/**
 * Ratio of two interleaved series, round by round: what slows the machine down for a while slows both.
 * @throws Error unless both have one sample per round, and the floor is never zero
 */
export function pairedRatios(measured: readonly number[], floor: readonly number[]): number[] {
  if (measured.length !== floor.length) throw new Error("the two series have different numbers of rounds");
  return measured.map((value, round) => {
    const below = floor[round];
    if (below === undefined || below <= 0) throw new Error(`round ${round}: the floor measured nothing`);
    return value / below;
  });
}

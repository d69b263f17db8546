import { z } from "zod";

/** Measured values of one thing, in the order of the rounds. */
const seriesSchema = z.strictObject({
  label: z.string(),
  /** `×` marks a ratio, the empty string a plain count. */
  unit: z.enum(["s", "ms", "MiB", "×", ""]),
  samples: z.array(z.number()).min(1),
});
export type Series = z.infer<typeof seriesSchema>;

/** What the figures have to keep: the measured value is at most the limit. */
const goalSchema = z.strictObject({
  text: z.string(),
  measured: z.number(),
  limit: z.number(),
});
export type Goal = z.infer<typeof goalSchema>;

/** Lines over a number of hosts. */
const plotSchema = z.strictObject({
  title: z.string(),
  /** Numbers of hosts, ascending. */
  x: z.array(z.number().positive()).min(2),
  /** What the values are. */
  y: z.string(),
  /** Values in the order of `x`. */
  lines: z.array(z.strictObject({ label: z.string(), values: z.array(z.number()) })).min(1),
});
export type Plot = z.infer<typeof plotSchema>;

/** What one benchmark found; one JSON document. */
export const reportSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** What was measured, against which floor, in one paragraph of Markdown. */
  about: z.string(),
  series: z.array(seriesSchema).min(1),
  goals: z.array(goalSchema),
  /** Drawn into files beside the page. */
  plots: z.array(plotSchema).optional(),
  /** Samples taken although other work kept the machine busy, of all samples. */
  disturbed: z.strictObject({ samples: z.number().int(), of: z.number().int() }),
});
export type Report = z.infer<typeof reportSchema>;

/** What a benchmark is told. */
export interface BenchmarkContext {
  /** How often everything is repeated. */
  readonly rounds: number;
  /** How long to wait for other work to end before a sample is taken. */
  readonly patienceSeconds: number;
  /** One line of progress. */
  readonly say: (line: string) => void;
}

/** One benchmark. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** `world`: in a fresh world with machines; `host`: directly on this machine. */
  readonly place: "world" | "host";
  run(context: BenchmarkContext): Promise<Report>;
}

/** Whether the figures keep the goal. */
export function isMet(goal: Goal): boolean {
  return goal.measured <= goal.limit;
}

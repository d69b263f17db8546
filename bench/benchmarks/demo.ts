import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";
import { runningDemo } from "../../test/demo/demo-state.ts";
import { peakMemory } from "../measure/memory.ts";
import { Disturbance } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark } from "../report.ts";

const goals = { seconds: 90, peakMiB: 2048 };
const timeoutSeconds = 600;

/** `npm run demo`, warm: its wall time and peak memory. */
export const demo: Benchmark = {
  name: "demo",
  title: "The demo, warm",
  place: "host",
  async run(context) {
    if (runningDemo() !== undefined)
      throw new Error(
        'a demo runs in this checkout and would be replaced: end it first, "npm run demo -- down"',
      );
    const disturbance = new Disturbance();
    const series = { seconds: [] as number[], startSeconds: [] as number[], peakMiB: [] as number[] };
    await runDemo();
    for (let round = 0; round < context.rounds; round++) {
      await disturbance.settle(context);
      const { peakMiB, result } = await peakMemory(runDemo);
      context.say(`round ${round + 1}/${context.rounds}: ${result.toFixed(1)} s, ${peakMiB.toFixed(0)} MiB`);
      series.seconds.push(result);
      series.peakMiB.push(peakMiB);
      series.startSeconds.push(await npmStart());
    }
    return {
      name: this.name,
      title: this.title,
      about:
        "`npm run demo` from its first line to its last, with toolchain and npm packages in place: an emulated cloud, two servers created, " +
        "installed and deployed, one of them changed, previewed and deployed again. Memory is the peak of the proportional set size of all " +
        "its processes, the machines' included, looked at five times a second. The floor is `npm run demo -- --help`: npm, Node and tsx alone.",
      series: [
        { label: "demo, wall", unit: "s", samples: series.seconds },
        { label: "npm run demo -- --help, wall", unit: "s", samples: series.startSeconds },
        { label: "ratio", unit: "×", samples: pairedRatios(series.seconds, series.startSeconds) },
        { label: "peak memory", unit: "MiB", samples: series.peakMiB },
      ],
      goals: [
        { text: "the demo, in seconds", measured: summarise(series.seconds).median, limit: goals.seconds },
        { text: "peak memory in MiB", measured: summarise(series.peakMiB).max, limit: goals.peakMiB },
      ],
      disturbed: disturbance.counts(),
    };
  },
};

/** Runs the demo and takes it down; only the run counts. @returns seconds */
async function runDemo(): Promise<number> {
  try {
    const start = performance.now();
    const output = await npm("run", "demo");
    const seconds = (performance.now() - start) / 1000;
    if (!output.includes("The two servers keep running"))
      throw new Error(`the demo did not come to its end:\n${output}`);
    return seconds;
  } finally {
    await npm("run", "demo", "--", "down");
  }
}

async function npmStart(): Promise<number> {
  const start = performance.now();
  await npm("run", "demo", "--", "--help");
  return (performance.now() - start) / 1000;
}

async function npm(...args: string[]): Promise<string> {
  const result = await run("npm", args, { cwd: packageRoot(), timeoutSeconds: timeoutSeconds });
  if (!result.ok) throw new Error(`npm ${args.join(" ")} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

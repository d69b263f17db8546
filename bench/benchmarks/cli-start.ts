import path from "node:path";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark } from "../report.ts";

/** Processes per sample: the kernel counts CPU time in hundredths of a second. */
const processes = 10;
const goalMs = 150;

/** Start-up of what a command resource runs, until it reads its specification, against Node itself. */
export const cliStart: Benchmark = {
  name: "cli-start",
  title: "Start-up of one command-resource process",
  place: "host",
  async run(context) {
    const cli = path.join(packageRoot(), "cli", "bin.mjs");
    const ours = repeated("fleet internal install", [cli, "internal", "install"], "{}", async (result) => {
      if (result.exitCode !== 1 || !result.stderr.includes("standard input is not what this version expects"))
        throw new Error(`the command did something else than refusing its input: ${result.stderr}`);
    });
    const floor = repeated("node -e 0", ["-e", "0"], "", async (result) => {
      if (!result.ok) throw new Error(result.stderr);
    });
    const disturbance = new Disturbance();
    const results = await measureInterleaved([ours, floor], context, disturbance);
    const each = (label: string, part: "seconds" | "cpuSeconds") =>
      resultsOf(results, label)[part].map((seconds) => (seconds * 1000) / processes);
    const cpu = each(ours.label, "cpuSeconds");
    return {
      name: this.name,
      title: this.title,
      about:
        "`node cli/bin.mjs internal install` with a specification it refuses: everything up to the point where its work would begin. " +
        `The floor is \`node -e 0\`. Each sample is the mean of ${processes} processes, one after the other.`,
      series: [
        { label: "fleet, CPU", unit: "ms", samples: cpu },
        { label: "node -e 0, CPU", unit: "ms", samples: each(floor.label, "cpuSeconds") },
        { label: "fleet, wall", unit: "ms", samples: each(ours.label, "seconds") },
        { label: "node -e 0, wall", unit: "ms", samples: each(floor.label, "seconds") },
        { label: "ratio of CPU", unit: "×", samples: pairedRatios(cpu, each(floor.label, "cpuSeconds")) },
      ],
      goals: [{ text: "CPU of one start-up in ms", measured: summarise(cpu).median, limit: goalMs }],
      disturbed: disturbance.counts(),
    };
  },
};

function repeated(
  label: string,
  args: readonly string[],
  input: string,
  check: (result: Awaited<ReturnType<typeof run>>) => Promise<void>,
): Contender {
  return {
    label,
    run: async () => {
      for (let process_ = 0; process_ < processes; process_++)
        await check(await run(process.execPath, args, { input, timeoutSeconds: 30 }));
    },
  };
}

import { createStack, type StackFixture } from "../../test/integration/stack/fixture.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import { createBareProject } from "../preview/bare-project.ts";
import { previewing } from "../preview/previewing.ts";
import type { Benchmark, BenchmarkContext } from "../report.ts";

const hosts = 20;
/** Installs at once: more only make each slower on a small machine. */
const parallel = 4;
const goalRatio = 1.5;
const previewSeconds = 120;

/** `pulumi preview` of twenty installed hosts, against a program that only registers the same resources. */
export const preview: Benchmark = {
  name: "preview",
  title: `Preview of an unchanged stack of ${hosts} hosts`,
  place: "world",
  async run(context) {
    const fixture = await createStack();
    try {
      await deployHosts(fixture, context);
      const bare = await createBareProject(fixture, {
        "hcloud:token": "0".repeat(64),
        "hcloud:endpoint": fixture.cloud.endpoint,
        "hcloud:pollInterval": "100ms",
      });
      try {
        const contenders = [
          fleetPreview(fixture, "off", "fleet"),
          fleetPreview(fixture, "report", "fleet, looking at the hosts"),
          previewing("bare", bare, previewSeconds),
        ];
        const disturbance = new Disturbance();
        const results = await measureInterleaved(contenders, context, disturbance);
        return report(
          this,
          resultsOf(results, "fleet"),
          resultsOf(results, "fleet, looking at the hosts"),
          resultsOf(results, "bare"),
          bare.resources,
          disturbance,
        );
      } finally {
        bare.remove();
      }
    } finally {
      await fixture.close();
    }
  },
};

/** Creates, installs and deploys all of them for real. */
async function deployHosts(fixture: StackFixture, context: BenchmarkContext): Promise<void> {
  configureDrift(fixture, "off");
  const start = performance.now();
  const created = await fixture.up({ parallel });
  if (!created.ok) throw new Error(created.output);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  context.say(`set-up: pulumi up of ${hosts} hosts, ${parallel} at once: ${seconds} s`);
}

function configureDrift(fixture: StackFixture, drift: "off" | "report"): void {
  const names = Array.from({ length: hosts }, (_, number) => `web-${number + 1}`);
  fixture.configure(Object.fromEntries(names.map((name) => [name, { flake: "./hosts#web", drift }])));
}

/** The same stack with and without the look at its hosts. */
function fleetPreview(fixture: StackFixture, drift: "off" | "report", label: string): Contender {
  const contender = previewing(label, fixture.project, previewSeconds);
  return { ...contender, prepare: async () => configureDrift(fixture, drift) };
}

function report(
  benchmark: Benchmark,
  fleet: ReturnType<typeof resultsOf>,
  looking: ReturnType<typeof resultsOf>,
  bare: ReturnType<typeof resultsOf>,
  resources: number,
  disturbance: Disturbance,
): Awaited<ReturnType<Benchmark["run"]>> {
  const ratios = pairedRatios(fleet.seconds, bare.seconds);
  return {
    name: benchmark.name,
    title: benchmark.title,
    about:
      `\`pulumi preview\` of ${hosts} hosts (${resources} resources) that were created, installed and deployed on test machines, with ` +
      "nothing changed. The floor is a JavaScript program of a few lines that registers the same components and resources with literal inputs " +
      "through the same SDKs, providers and engine, on a copy of the same state. Looking at the hosts (`drift: report`) opens one SSH connection to " +
      "each; here their machines share the processors with everything else.",
    series: [
      { label: "fleet, wall", unit: "s", samples: fleet.seconds },
      { label: "fleet looking at the hosts, wall", unit: "s", samples: looking.seconds },
      { label: "bare program, wall", unit: "s", samples: bare.seconds },
      { label: "ratio of wall time", unit: "×", samples: ratios },
      {
        label: "ratio of wall time, looking at the hosts",
        unit: "×",
        samples: pairedRatios(looking.seconds, bare.seconds),
      },
      { label: "fleet, CPU", unit: "s", samples: fleet.cpuSeconds },
      { label: "bare program, CPU", unit: "s", samples: bare.cpuSeconds },
      { label: "ratio of CPU", unit: "×", samples: pairedRatios(fleet.cpuSeconds, bare.cpuSeconds) },
    ],
    goals: [{ text: "ratio of wall time", measured: summarise(ratios).median, limit: goalRatio }],
    disturbed: disturbance.counts(),
  };
}

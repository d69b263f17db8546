import { peakMemory } from "../measure/memory.ts";
import { Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import { type ManyHosts, type Requests, startManyHosts } from "../preview/many-hosts.ts";
import { previewing } from "../preview/previewing.ts";
import type { Benchmark, BenchmarkContext, Report, Series } from "../report.ts";

const sizes = [1, 10, 50, 100] as const;
const goals = { time: 1.5, memory: 2 } as const;
const previewSeconds = 600;

/** What one number of hosts took. */
interface Size {
  readonly hosts: number;
  readonly resources: number;
  readonly fleet: readonly number[];
  readonly bare: readonly number[];
  readonly fleetMiB: number;
  readonly bareMiB: number;
}

/** `pulumi preview` of up to a hundred hosts in two clouds, and the requests that clouds are sent for one. */
export const fleetSize: Benchmark = {
  name: "fleet-size",
  title: "Preview of 1 to 100 hosts in two clouds",
  place: "world",
  async run(context) {
    const many = await startManyHosts();
    try {
      const disturbance = new Disturbance();
      const found: Size[] = [];
      for (const hosts of sizes) found.push(await measure(many, hosts, context, disturbance));
      await many.restore();
      const requests = [many.started];
      requests.push(await many.counted("nothing to do", () => many.fixture.up()));
      requests.push(await many.counted("refresh", () => many.fixture.refresh()));
      requests.push(await many.counted("destroy", () => many.fixture.destroy()));
      return report(this, found, requests, disturbance);
    } finally {
      await many.close();
    }
  },
};

async function measure(
  many: ManyHosts,
  hosts: number,
  context: BenchmarkContext,
  disturbance: Disturbance,
): Promise<Size> {
  await many.become(hosts);
  const bare = await many.bare();
  try {
    const fleetPreview = previewing("fleet", many.fixture.project, previewSeconds);
    const barePreview = previewing("bare", bare, previewSeconds);
    context.say(`${hosts} hosts, ${bare.resources} resources`);
    const results = await measureInterleaved([fleetPreview, barePreview], context, disturbance);
    return {
      hosts,
      resources: bare.resources,
      fleet: resultsOf(results, "fleet").seconds,
      bare: resultsOf(results, "bare").seconds,
      // Looking at memory costs time: that of these two runs is not counted.
      fleetMiB: (await peakMemory(() => fleetPreview.run(0))).peakMiB,
      bareMiB: (await peakMemory(() => barePreview.run(0))).peakMiB,
    };
  } finally {
    bare.remove();
  }
}

function report(
  benchmark: Benchmark,
  sizesFound: readonly Size[],
  requests: readonly Requests[],
  disturbance: Disturbance,
): Report {
  const largest = sizesFound.at(-1);
  if (largest === undefined) throw new Error("nothing was measured");
  const median = (samples: readonly number[]) => summarise(samples).median;
  const ratios = pairedRatios(largest.fleet, largest.bare);
  const memory = largest.fleetMiB / largest.bareMiB;
  return {
    name: benchmark.name,
    title: benchmark.title,
    about:
      "`pulumi preview` of unchanged hosts, half of them at Hetzner and half at Scaleway, with `drift: off`. One host in each cloud is created, installed " +
      "and deployed for real; the others are copies of their resources in the state, so they cost a preview what real ones cost it. " +
      `The floor is a JavaScript program of a few lines that registers the same resources (${largest.resources} for ${largest.hosts} hosts) with literal inputs. ` +
      "Memory is that of the engine, its plugins and the program together, at its peak. Requests are those of one host in each cloud with its share of the " +
      "stack (the deploy key, what clouds are asked for beforehand), through the real providers; those that wait for something depend on how long it takes.",
    series: [
      ...sizesFound.flatMap(seriesOf),
      { label: `ratio of wall time, ${largest.hosts} hosts`, unit: "×", samples: ratios },
      { label: `ratio of memory, ${largest.hosts} hosts`, unit: "×", samples: [memory] },
      ...requests.flatMap(({ run: name, hetzner, scaleway }): Series[] => [
        { label: `requests to Hetzner, ${name}`, unit: "", samples: [hetzner] },
        { label: `requests to Scaleway, ${name}`, unit: "", samples: [scaleway] },
      ]),
    ],
    goals: [
      { text: `ratio of wall time, ${largest.hosts} hosts`, measured: median(ratios), limit: goals.time },
      { text: `ratio of memory, ${largest.hosts} hosts`, measured: memory, limit: goals.memory },
    ],
    plots: [
      {
        title: benchmark.title,
        x: sizesFound.map(({ hosts }) => hosts),
        y: "seconds (median)",
        lines: [
          { label: "fleet", values: sizesFound.map(({ fleet }) => median(fleet)) },
          { label: "bare program", values: sizesFound.map(({ bare }) => median(bare)) },
        ],
      },
    ],
    disturbed: disturbance.counts(),
  };
}

function seriesOf({ hosts, fleet, bare, fleetMiB, bareMiB }: Size): Series[] {
  const what = hosts === 1 ? "1 host" : `${hosts} hosts`;
  return [
    { label: `fleet, ${what}, wall`, unit: "s", samples: [...fleet] },
    { label: `bare program, ${what}, wall`, unit: "s", samples: [...bare] },
    { label: `fleet, ${what}, memory`, unit: "MiB", samples: [fleetMiB] },
    { label: `bare program, ${what}, memory`, unit: "MiB", samples: [bareMiB] },
  ];
}

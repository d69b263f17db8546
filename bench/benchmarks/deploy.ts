import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createMachineFactory, type TestMachineFactory } from "../../test/harness/machines/factory.ts";
import { generateKeyPair } from "../../test/integration/ssh/local-sshd.ts";
import { change } from "../deploy/change.ts";
import { systemMaker } from "../deploy/systems.ts";
import { createTarget, type Distance, distances, type Target } from "../deploy/targets.ts";
import { fleet, script, type Tool } from "../deploy/tools.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark, BenchmarkContext, Goal, Plot, Report, Series } from "../report.ts";

const counts = [1, 5, 10, 20, 40] as const;
const mostTargets = 40;
/** Hosts whose figures have a goal. */
const judged = [1, 10, 20] as const;
/** Hosts that run the wanted system already. */
const unchangedCount = 20;

const about = [
  "Ready-built systems brought onto 1 to 40 machines at once, at round trips of 0 and 40 ms; a change means two or three new store paths. `fleet` is",
  "`fleet internal deploy` as Pulumi runs it, from the start of its process to its end, which is what a deployment adds to Pulumi's own work:",
  "host lock, records, garbage collector roots, build, copy, supervised `test` activation, units and one HTTP check, confirmation over a new connection, then",
  "profile and boot entry. `ideal` is one handshake and one stream (`nix-store --export | ssh … 'nix-store --import && switch'`) that knows beforehand",
  "what the host has; it neither locks, checks, confirms nor rolls back. `health.settle` is 0: a wait that is asked for is no work, and would only bring the",
  "two nearer to each other. Operator and all machines share the processors below. The distance is a relay that hands on what it hears half a round",
  "trip later. Unchanged: `fleet` verifies, `ideal` is one `readlink`; an unchanged stack runs neither.",
].join(" ");

/** Our deployment of changed and of unchanged hosts, against the least that could be done. */
export const deploy: Benchmark = {
  name: "deploy",
  title: "Deployment of hosts, all at once",
  place: "world",
  async run(context) {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-deploy-"));
    const factory = await createMachineFactory();
    try {
      return await measure(factory, folder, context);
    } finally {
      await factory.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  factory: TestMachineFactory,
  folder: string,
  context: BenchmarkContext,
): Promise<Report> {
  const deployKey = generateKeyPair();
  const nextSystem = systemMaker(deployKey.publicKey);
  const first = await nextSystem();
  const peaks: number[] = [];
  const logins: number[] = [];
  const tools = [
    countingLogins(
      fleet((peak) => peaks.push(peak)),
      logins,
    ),
    script("ideal"),
  ];
  const contenders: Contender[] = [];
  const all: Target[] = [];
  try {
    for (const [index, tool] of tools.entries()) {
      const targets: Target[] = [];
      for (let number = 0; number < mostTargets; number++) {
        const address = `198.51.100.${20 + index * mostTargets + number}`;
        targets.push(await createTarget(factory, folder, address, first, deployKey));
      }
      context.say(`set-up: ${mostTargets} machines for ${tool.name}`);
      all.push(...targets);
      for (const distance of distances) {
        for (const count of counts) {
          const some = { targets: targets.slice(0, count), distance };
          contenders.push(change(changeLabel(tool.name, count, distance), tool, some, nextSystem));
        }
        contenders.push(noChange(tool, targets.slice(0, unchangedCount), distance));
      }
    }
    const disturbance = new Disturbance();
    const results = await measureInterleaved(contenders, context, disturbance);
    const seconds = (label: string) => resultsOf(results, label).seconds;
    return {
      name: deploy.name,
      title: deploy.title,
      about,
      ...figures(seconds, { peaks, logins }),
      plots: [plotOf(seconds)],
      disturbed: disturbance.counts(),
    };
  } finally {
    await Promise.all(all.map((target) => target.close()));
  }
}

type Seconds = (label: string) => readonly number[];

function figures(
  seconds: Seconds,
  { peaks, logins }: { readonly peaks: readonly number[]; readonly logins: readonly number[] },
): Pick<Report, "series" | "goals"> {
  const goals: Goal[] = [];
  const series: Series[] = [];
  const compare = (labelOf: (tool: string) => string, isJudged: boolean) => {
    for (const tool of ["fleet", "ideal"])
      series.push({ label: labelOf(tool), unit: "s", samples: [...seconds(labelOf(tool))] });
    const label = labelOf("fleet / ideal");
    const samples = pairedRatios(seconds(labelOf("fleet")), seconds(labelOf("ideal")));
    series.push({ label, unit: "×", samples });
    if (isJudged) goals.push({ text: label, measured: summarise(samples).median, limit: 1.5 });
  };
  for (const distance of distances) {
    for (const count of counts)
      compare((tool) => changeLabel(tool, count, distance), new Set<number>(judged).has(count));
    compare((tool) => noChangeLabel(tool, distance), false);
  }
  series.push({ label: "connections of a deployment", unit: "", samples: [...logins] });
  series.push({ label: "peak memory of a fleet process", unit: "MiB", samples: [...peaks] });
  goals.push({ text: "connections of a deployment", measured: summarise(logins).max, limit: 2 });
  goals.push({ text: "peak memory of a process in MiB", measured: summarise(peaks).max, limit: 100 });
  return { series, goals };
}

function plotOf(seconds: Seconds): Plot {
  return {
    title: "Wall time in seconds by number of changed hosts",
    x: [...counts],
    y: "seconds",
    lines: distances.flatMap((distance) =>
      ["fleet", "ideal"].map((tool) => ({
        label: `${tool}, ${distance} ms`,
        values: counts.map((count) => summarise([...seconds(changeLabel(tool, count, distance))]).median),
      })),
    ),
  };
}

function changeLabel(tool: string, count: number, distance: Distance): string {
  return `${count} × change, ${distance} ms: ${tool}`;
}

function noChangeLabel(tool: string, distance: Distance): string {
  return `${unchangedCount} × unchanged, ${distance} ms: ${tool}`;
}

/** @param logins gets the number of each deployment's connections */
function countingLogins(tool: Tool, logins: number[]): Tool {
  return {
    name: tool.name,
    async deploy(target, wanted, distance) {
      const before = target.logins();
      await tool.deploy(target, wanted, distance);
      logins.push(target.logins() - before);
    },
  };
}

function noChange(tool: Tool, targets: readonly Target[], distance: Distance): Contender {
  return {
    label: noChangeLabel(tool.name, distance),
    run: async () => {
      await Promise.all(targets.map((target) => tool.deploy(target, target.running, distance)));
    },
  };
}

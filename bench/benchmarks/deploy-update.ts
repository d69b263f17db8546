import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { deployResultSchema } from "../../model/protocol/deploy.ts";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { createMachineFactory, type TestMachineFactory } from "../../test/harness/machines/factory.ts";
import { generateKeyPair } from "../../test/integration/ssh/local-sshd.ts";
import { change } from "../deploy/change.ts";
import { systemMaker } from "../deploy/systems.ts";
import { createTarget, type Distance, distances, type Target } from "../deploy/targets.ts";
import { script } from "../deploy/tools.ts";
import { createUpdateProject, type UpdateCommand, type UpdateProject } from "../deploy/updates.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark, BenchmarkContext, Report } from "../report.ts";

const counts = [1, 10, 20] as const;
const mostTargets = 20;
const goalRatio = 1.5;

const about = [
  "`pulumi up` of a stack with one command for each of 1 to 20 hosts, all of which have changed, at round trips of 0 and 40 ms. `fleet` runs",
  "`fleet internal deploy` in each, as our program does, and `empty` runs `true` in each: engine, language host, plugin, state, a shell for each command.",
  "What a deployment adds to Pulumi is the one less the other, and it is divided by `ideal`, the one-stream script of the deployments above, which runs without",
  "Pulumi on other machines of the same kind. Systems are built beforehand; `health.settle` is 0, one HTTP check.",
].join(" ");

/** What our deployments add to Pulumi's own time, against the least that could be done. */
export const deployUpdate: Benchmark = {
  name: "deploy-update",
  title: "Deployments within `pulumi up`",
  place: "world",
  async run(context) {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-update-"));
    const factory = await createMachineFactory();
    const [fleet, empty] = [await createUpdateProject("fleet"), await createUpdateProject("empty")];
    try {
      return await measure(factory, folder, { fleet, empty }, context);
    } finally {
      await factory.close();
      for (const made of [folder, fleet.folder, empty.folder]) rmSync(made, { recursive: true, force: true });
    }
  },
};

interface Stacks {
  readonly fleet: UpdateProject;
  readonly empty: UpdateProject;
}

async function measure(
  factory: TestMachineFactory,
  folder: string,
  { fleet, empty }: Stacks,
  context: BenchmarkContext,
): Promise<Report> {
  const deployKey = generateKeyPair();
  const nextSystem = systemMaker(deployKey.publicKey);
  const first = await nextSystem();
  const all: Target[] = [];
  const makeTargets = async (start: number): Promise<Target[]> => {
    const targets: Target[] = [];
    for (let number = 0; number < mostTargets; number++)
      targets.push(await createTarget(factory, folder, `198.51.100.${start + number}`, first, deployKey));
    all.push(...targets);
    context.say(`set-up: ${mostTargets} machines`);
    return targets;
  };
  try {
    const [ours, others] = [await makeTargets(20), await makeTargets(20 + mostTargets)];
    const contenders = distances.flatMap((distance) =>
      counts.flatMap((count) => [
        fleetUpdate(fleet, ours.slice(0, count), distance, nextSystem),
        emptyUpdate(empty, count, distance),
        ideal(others.slice(0, count), distance, nextSystem),
      ]),
    );
    const disturbance = new Disturbance();
    const results = await measureInterleaved(contenders, context, disturbance);
    return {
      name: deployUpdate.name,
      title: deployUpdate.title,
      about,
      ...figures((label) => resultsOf(results, label).seconds),
      disturbed: disturbance.counts(),
    };
  } finally {
    await Promise.all(all.map((target) => target.close()));
  }
}

function figures(seconds: (label: string) => readonly number[]): Pick<Report, "series" | "goals"> {
  const report: Pick<Report, "series" | "goals"> = { series: [], goals: [] };
  for (const distance of distances)
    for (const count of counts) {
      const of = (what: string) => seconds(labelOf(what, count, distance));
      for (const what of ["fleet", "empty", "ideal"])
        report.series.push({ label: labelOf(what, count, distance), unit: "s", samples: [...of(what)] });
      const added = of("fleet").map((taken, round) => taken - (of("empty")[round] ?? Number.NaN));
      const label = labelOf("(fleet − empty) / ideal", count, distance);
      const samples = pairedRatios(added, of("ideal"));
      report.series.push({ label, unit: "×", samples });
      report.goals.push({ text: label, measured: summarise(samples).median, limit: goalRatio });
    }
  return report;
}

function labelOf(what: string, count: number, distance: Distance): string {
  return `${count} × change, ${distance} ms: ${what}`;
}

function fleetUpdate(
  project: UpdateProject,
  targets: readonly Target[],
  distance: Distance,
  nextSystem: () => Promise<HostSystem>,
): Contender {
  const program = path.join(packageRoot(), "cli", "bin.mjs");
  let commands: readonly UpdateCommand[] = [];
  return {
    label: labelOf("fleet", targets.length, distance),
    async prepare() {
      const system = await nextSystem();
      commands = targets.map((target) => ({
        name: target.address,
        create: `exec node ${program} internal deploy`,
        stdin: JSON.stringify(target.spec(system, distance)),
        trigger: `${system.toplevel} at ${distance} ms`,
      }));
      for (const target of targets) target.running = system;
    },
    async run() {
      await project.up(commands);
      for (const [name, printed] of Object.entries(await project.results()))
        if (deployResultSchema.parse(JSON.parse(printed)).outcome !== "deployed")
          throw new Error(`${name} was not deployed: ${printed}`);
    },
  };
}

/** Looks at its results as the other does: what that costs is in both. */
function emptyUpdate(project: UpdateProject, count: number, distance: Distance): Contender {
  let made = 0;
  return {
    label: labelOf("empty", count, distance),
    async run() {
      made += 1;
      const numbers = Array.from({ length: count }, (_, number) => number);
      const trigger = `${made} of ${count} at ${distance} ms`;
      await project.up(numbers.map((number) => ({ name: `${number}`, create: "true", stdin: "", trigger })));
      if (Object.keys(await project.results()).length !== count) throw new Error("a command is missing");
    },
  };
}

function ideal(
  targets: readonly Target[],
  distance: Distance,
  nextSystem: () => Promise<HostSystem>,
): Contender {
  const tool = script("ideal");
  return change(labelOf(tool.name, targets.length, distance), tool, { targets, distance }, nextSystem);
}

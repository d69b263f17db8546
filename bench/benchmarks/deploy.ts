import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { HostSystem } from "../../fleet/protocol/connection.ts";
import { createMachineFactory, type TestMachineFactory } from "../../test/harness/machines/factory.ts";
import { generateKeyPair } from "../../test/integration/ssh/local-sshd.ts";
import { systemMaker } from "../deploy/systems.ts";
import { createTarget, type Target } from "../deploy/targets.ts";
import { type Tool, tools } from "../deploy/tools.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios } from "../measure/statistics.ts";
import type { Benchmark, BenchmarkContext, Report, Series } from "../report.ts";

const counts = [1, 5, 10] as const;
const mostTargets = 10;
const kinds = ["change", "no change"] as const;
const floors = ["ideal", "plain"] as const;

const about = [
  "Ready-built systems brought onto 1, 5 and 10 machines at once; a change means two or three new store paths. `fleet` is `fleet internal",
  "deploy` as Pulumi runs it: host lock, records, garbage collector roots, build check, copy, supervised `test` activation, unit check,",
  "confirmation over a new connection, then profile and boot entry; without a change it verifies. Two floors that do less: neither locks, checks,",
  "confirms nor rolls back. `ideal` is one handshake and one stream (`nix-store --export | ssh … 'nix-store --import && switch'`) that knows",
  "beforehand what the host has, and a `readlink` without a change; `plain` is `nix copy`, then a switch over a second connection, always.",
].join(" ");

/** Our deployment of changed and of unchanged hosts, against what does less. */
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
  const contenders: Contender[] = [];
  for (const [index, tool] of tools.entries()) {
    const targets: Target[] = [];
    for (let number = 0; number < mostTargets; number++) {
      const address = `198.51.100.${20 * (index + 1) + number}`;
      targets.push(await createTarget(factory, folder, address, first, deployKey));
    }
    context.say(`set-up: ${mostTargets} machines for ${tool.name}`);
    for (const count of counts) contenders.push(...contendersOf(tool, targets.slice(0, count), nextSystem));
  }
  const disturbance = new Disturbance();
  const results = await measureInterleaved(contenders, context, disturbance);
  const seconds = (tool: string, count: number, kind: string) =>
    resultsOf(results, label(tool, count, kind)).seconds;
  return {
    name: deploy.name,
    title: deploy.title,
    about,
    series: counts.flatMap((count) =>
      kinds.flatMap((kind): Series[] => [
        ...tools.map(({ name }): Series => {
          return { label: label(name, count, kind), unit: "s", samples: seconds(name, count, kind) };
        }),
        ...floors.map((floor): Series => {
          const samples = pairedRatios(seconds("fleet", count, kind), seconds(floor, count, kind));
          return { label: `${count} × ${kind}: fleet / ${floor}`, unit: "×", samples };
        }),
      ]),
    ),
    goals: [],
    disturbed: disturbance.counts(),
  };
}

function label(tool: string, count: number, kind: string): string {
  return `${count} × ${kind}: ${tool}`;
}

function contendersOf(
  tool: Tool,
  targets: readonly Target[],
  nextSystem: () => Promise<HostSystem>,
): Contender[] {
  let wanted: HostSystem | undefined;
  return [
    {
      label: label(tool.name, targets.length, "change"),
      prepare: async () => {
        wanted = await nextSystem();
      },
      run: async () => {
        const system = wanted;
        if (system === undefined) throw new Error("no system was prepared");
        await Promise.all(
          targets.map(async (target) => {
            await tool.deploy(target, system);
            target.running = system;
          }),
        );
      },
    },
    {
      label: label(tool.name, targets.length, "no change"),
      run: async () => {
        await Promise.all(targets.map((target) => tool.deploy(target, target.running)));
      },
    },
  ];
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { json } from "node:stream/consumers";
import { Command, Option } from "commander";
import { wholeNumber } from "../cli/io/number-option.ts";
import { packageRoot } from "../runtime/platform/package-root.ts";
import { prepareMachineRoot } from "../test/harness/machines/machine-root.ts";
import { startWorld } from "../test/harness/machines/world.ts";
import { loadToolchain } from "../test/harness/toolchain/toolchain.ts";
import { benchmarkNamed, benchmarks } from "./benchmarks.ts";
import { describeMachine } from "./measure/environment.ts";
import { asSvg } from "./plot.ts";
import { asMarkdown, asText, type DatedReport, plotFile, replaceSection } from "./present.ts";
import { type Benchmark, isMet, type Report, reportSchema } from "./report.ts";

interface Choices {
  readonly rounds: number;
  readonly patience: number;
  readonly json: boolean;
  readonly write: boolean;
}

const documentFile = path.join(packageRoot(), "docs", "benchmarks.md");

/** Runs one benchmark in a process of its own, in a world if it asks for one. */
async function runApart(benchmark: Benchmark, choices: Choices, env: NodeJS.ProcessEnv): Promise<Report> {
  const self = path.join(packageRoot(), "bench", "main.ts");
  const options = ["--rounds", String(choices.rounds), "--patience", String(choices.patience)];
  const command = [process.execPath, "--import", "tsx", self, "--here", ...options, benchmark.name];
  if (benchmark.place === "host") {
    const [program = "", ...args] = command;
    return await reportOf(
      spawn(program, args, { cwd: packageRoot(), env, stdio: ["ignore", "pipe", "inherit"] }),
      benchmark,
    );
  }
  await prepareMachineRoot();
  const world = await startWorld({ environment: { PATH: env["PATH"] ?? "" } });
  try {
    const stdio = ["ignore", "pipe", "inherit"] as const;
    return await reportOf(world.spawn(command, { cwd: packageRoot(), environment: env, stdio }), benchmark);
  } finally {
    await world.close();
  }
}

async function reportOf(child: ReturnType<typeof spawn>, benchmark: Benchmark): Promise<Report> {
  const exit = once(child, "exit");
  if (child.stdout === null) throw new Error("the benchmark's output is not connected");
  const printed = await json(child.stdout).catch(() => undefined);
  const [code]: unknown[] = await exit;
  if (code !== 0) throw new Error(`${benchmark.name} failed (its reason is above)`);
  return reportSchema.parse(printed);
}

/** Runs benchmarks one after the other and presents what they found. @returns whether all goals were met */
async function runAll(names: readonly string[], choices: Choices): Promise<boolean> {
  const chosen = names.length === 0 ? benchmarks : names.map(benchmarkNamed);
  const { env } = await loadToolchain();
  let met = true;
  for (const benchmark of chosen) {
    process.stderr.write(`${benchmark.name}: ${benchmark.title}\n`);
    const report = await runApart(benchmark, choices, { ...process.env, ...env });
    met &&= report.goals.every(isMet);
    present({ report, machine: describeMachine(), date: new Date().toISOString().slice(0, 10) }, choices);
  }
  return met;
}

function present(dated: DatedReport, choices: Choices): void {
  const { name } = dated.report;
  const folder = path.join(packageRoot(), ".fleet", "bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(dated, undefined, 2)}\n`);
  process.stdout.write(choices.json ? `${JSON.stringify(dated)}\n` : `${asText(dated)}\n`);
  if (!choices.write) return;
  writeFileSync(documentFile, replaceSection(readFileSync(documentFile, "utf8"), name, asMarkdown(dated)));
  for (const [index, plot] of (dated.report.plots ?? []).entries()) {
    const file = path.join(path.dirname(documentFile), plotFile(dated.report, index));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, asSvg(plot));
  }
}

/** In the process made for it: the report is all that goes to standard output. */
async function runHere(name: string, choices: Choices): Promise<void> {
  const say = (line: string) => process.stderr.write(`  ${line}\n`);
  const { rounds, patience: patienceSeconds } = choices;
  const report = await benchmarkNamed(name).run({ rounds, patienceSeconds, say });
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

const program = new Command("npm run bench --")
  .description("Benchmarks, each against a floor measured in the same run.")
  .argument("[name...]", `any of: ${benchmarks.map(({ name }) => name).join(", ")} (default: all)`)
  .option("--rounds <n>", "how often everything is repeated", wholeNumber(1), 5)
  .option(
    "--patience <seconds>",
    "how long to wait for other work to end, before each sample",
    wholeNumber(0),
    10,
  )
  .option("--json", "one JSON document a line instead of tables", false)
  .option("--write", "put the figures into docs/benchmarks.md", false)
  .addOption(new Option("--here", "in this process, which is in its place already").default(false).hideHelp())
  .action(async (names: string[], choices: Choices & { here: boolean }) => {
    if (choices.here) for (const name of names) await runHere(name, choices);
    else process.exitCode = (await runAll(names, choices)) ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

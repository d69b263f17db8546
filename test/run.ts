import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { packageRoot } from "../runtime/platform/package-root.ts";
import { StepError } from "../runtime/platform/step-error.ts";
import { prepareMachinePrograms } from "./harness/machines/machine-programs.ts";
import { prepareMachineRoot } from "./harness/machines/machine-root.ts";
import { startWorld } from "./harness/machines/world.ts";
import { worldSupport } from "./harness/machines/world-support.ts";
import { addTestTools, setUpToolchain } from "./harness/toolchain/toolchain.ts";

const reports = path.join(packageRoot(), ".fleet", "test-reports");
const vitest = path.join(packageRoot(), "node_modules", "vitest", "vitest.mjs");

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that passed, but not at first: file, name and what went wrong. */
  readonly unsteady: readonly string[];
}

type Project = "unit" | "integration";

function commandLine(project: Project, filters: readonly string[]): string[] {
  const report = path.join(reports, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return [
    process.execPath,
    vitest,
    "run",
    "--project",
    project,
    "--passWithNoTests",
    ...reporters,
    ...filters,
  ];
}

/** What the runner counted. A run that died before it could report has failed once. */
function countsOf(project: Project, exitCode: number): Counts {
  try {
    const text = readFileSync(path.join(reports, `${project}.json`), "utf8");
    const report = reportSchema.parse(JSON.parse(text));
    const failed = exitCode !== 0 && report.numFailedTests === 0 ? 1 : report.numFailedTests;
    const unsteady = report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
        .map(
          ({ fullName, failureMessages: [why] }) =>
            `${path.relative(packageRoot(), name)}: ${fullName}\n${why}`,
        ),
    );
    return { passed: report.numPassedTests, failed, skipped: report.numPendingTests, unsteady };
  } catch {
    return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0, unsteady: [] };
  }
}

async function runUnit(filters: readonly string[], env: NodeJS.ProcessEnv): Promise<Counts> {
  const [program = "", ...args] = commandLine("unit", filters);
  const child = spawn(program, args, { cwd: packageRoot(), env, stdio: "inherit" });
  const [code]: unknown[] = await once(child, "exit");
  return countsOf("unit", typeof code === "number" ? code : 1);
}

/** Inside a world: machines, engines and the emulated clouds have no way to any other network. */
async function runIntegration(
  filters: readonly string[],
  outer: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Counts> {
  const path = await addTestTools(outer["PATH"] ?? "", { signal });
  const env = { ...outer, PATH: path };
  await prepareMachineRoot(signal);
  const lacking = await prepareMachinePrograms(signal);
  if (lacking !== undefined) console.warn(`tests that need them are left out: ${lacking}`);
  const world = await startWorld({ environment: { PATH: path } });
  const end = () => void world.close();
  signal.addEventListener("abort", end, { once: true });
  try {
    // Two first uses of an empty store at once get in each other's way.
    const options = { timeoutSeconds: 60, cwd: packageRoot(), env };
    const store = await world.exec(["nix-store", "--init"], options);
    if (!store.ok) throw new Error(`the world's Nix store cannot be made: ${store.stderr}`);
    const child = world.spawn(commandLine("integration", filters), { cwd: packageRoot(), environment: env });
    const [code]: unknown[] = await once(child, "exit");
    return countsOf("integration", typeof code === "number" ? code : 1);
  } finally {
    signal.removeEventListener("abort", end);
    await world.close();
  }
}

/** Which tests; none of both: all. */
interface Choice {
  readonly unit?: true;
  readonly integration?: true;
}

async function runAll(filters: readonly string[], only: Choice): Promise<number> {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  mkdirSync(reports, { recursive: true });
  const toolchain = await setUpToolchain({ signal: controller.signal });
  // Whatever tests and the programs under them leave behind goes with it. A socket's path is short, so is this name.
  const temporary = mkdtempSync(path.join(tmpdir(), "ft-"));
  try {
    return await runIn(
      { ...process.env, ...toolchain.env, TMPDIR: temporary },
      filters,
      only,
      controller.signal,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function runIn(
  env: Record<string, string | undefined>,
  filters: readonly string[],
  only: Choice,
  signal: AbortSignal,
): Promise<number> {
  const counts: Counts[] = [];
  if (only.integration === undefined) counts.push(await runUnit(filters, env));
  const support = worldSupport();
  if (!support.ok && only.unit === undefined)
    console.log(`${support.reason}\nThe integration tests need test machines and are left out here.`);
  if (support.ok && only.unit === undefined && !signal.aborted)
    counts.push(await runIntegration(filters, env, signal));
  for (const test of counts.flatMap(({ unsteady }) => unsteady))
    console.log(`\npassed only when repeated: ${test}`);
  const sum = (part: Exclude<keyof Counts, "unsteady">) =>
    counts.reduce((total, count) => total + count[part], 0);
  console.log(sum("skipped") === 0 ? "" : `\n${sum("skipped")} skipped`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 && !signal.aborted ? 0 : 1;
}

const program = new Command("npm test --")
  .description("All tests, after getting what they need.")
  .option("--unit", "unit tests only")
  .option("--integration", "integration tests only")
  .argument("[filter...]", "only test files whose path contains one of these")
  .action(async (filters: string[], only: Choice) => {
    process.exitCode = await runAll(filters, only);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof StepError || error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

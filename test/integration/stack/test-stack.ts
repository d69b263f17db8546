import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Deployment, EngineEvent, OpType } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import type { TestProject } from "../../harness/project/project.ts";

/** What an engine run did, and said. */
export interface EngineRun {
  readonly ok: boolean;
  /** Resource name → operation, without those that stayed as they were. */
  readonly changes: Readonly<Record<string, OpType>>;
  /** Names of the resources that were created, in the order in which they were done. */
  readonly created: readonly string[];
  /** Everything printed. */
  readonly output: string;
}

interface RunChoice {
  readonly target?: string[];
  /** URNs of resources to make anew. */
  readonly replace?: string[];
  readonly continueOnError?: boolean;
  /** Of operations at once. */
  readonly parallel?: number;
}

interface EngineRuns {
  up(choice?: RunChoice): Promise<EngineRun>;
  preview(choice?: RunChoice): Promise<EngineRun>;
  refresh(): Promise<EngineRun>;
  destroy(): Promise<EngineRun>;
}

/** A stack that the real command works on. */
export interface TestStack extends EngineRuns {
  /** By name, secrets in clear. */
  outputs(): Promise<Record<string, unknown>>;
  /** The state, secrets in clear. */
  exportStack(): Promise<Deployment>;
  /** Of all that comes after. */
  useEnvironment(environment: Readonly<Record<string, string>>): void;
}

/**
 * Makes an empty stack. Pulumi's Automation API would do the same, but starts its command three times more after each run, for what
 * tests do not look at, and is itself slow to load.
 */
export async function createTestStack(project: TestProject, name: string): Promise<TestStack> {
  let environment = project.environment;
  const pulumi = async (...args: string[]) => {
    // Without the variable the option for the log of events is unknown.
    const env = { ...environment, PULUMI_DEBUG_COMMANDS: "true" };
    const options = { cwd: project.folder, env, all: true, reject: false, maxBuffer: 100_000_000 } as const;
    return execa("pulumi", [...args, "--non-interactive", "--stack", name], options);
  };
  const ask = async (...args: string[]) => {
    const { failed, stdout, all } = await pulumi(...args);
    if (failed) throw new Error(`pulumi ${args.join(" ")}: ${all}`);
    return stdout;
  };
  const run = (args: readonly string[]) => withEventLog(args, (all) => pulumi(...all));
  const unasked = ["--yes", "--skip-preview"];
  await ask("stack", "init");
  return {
    up: (choice = {}) => run(["up", ...unasked, ...chosen(choice)]),
    preview: (choice = {}) => run(["preview", ...chosen(choice)]),
    refresh: () => run(["refresh", ...unasked]),
    destroy: () => run(["destroy", ...unasked]),
    outputs: async () => JSON.parse(await ask("stack", "output", "--json", "--show-secrets")),
    exportStack: async () => JSON.parse(await ask("stack", "export", "--show-secrets")),
    useEnvironment: (other) => {
      environment = other;
    },
  };
}

async function withEventLog(
  args: readonly string[],
  operation: (args: readonly string[]) => Promise<{ readonly failed: boolean; readonly all: string }>,
): Promise<EngineRun> {
  const folder = mkdtempSync(path.join(tmpdir(), "events-"));
  const log = path.join(folder, "log");
  try {
    const { failed, all } = await operation([...args, "--event-log", log]);
    return { ok: !failed, ...changesIn(log, args[0] === "refresh"), output: `${all}\n` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chosen({ target = [], replace = [], continueOnError = false, parallel }: RunChoice): string[] {
  return [
    ...target.flatMap((urn) => ["--target", urn]),
    ...replace.flatMap((urn) => ["--replace", urn]),
    ...(continueOnError ? ["--continue-on-error"] : []),
    ...(parallel === undefined ? [] : ["--parallel", `${parallel}`]),
  ];
}

/** From the engine's log of events: one in JSON on each line. */
function changesIn(log: string, isRefresh: boolean): Pick<EngineRun, "changes" | "created"> {
  const changes: Record<string, OpType> = {};
  const created: string[] = [];
  const lines = existsSync(log) ? readFileSync(log, "utf8") : "";
  for (const line of lines.split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as EngineEvent;
    const done = event.resOutputsEvent?.metadata;
    if (done !== undefined && ["create", "create-replacement"].includes(done.op))
      created.push(nameOf(done.urn));
    // What a refresh has found is known only after it.
    const metadata = isRefresh ? done : event.resourcePreEvent?.metadata;
    if (metadata === undefined || ["same", "read", "discard", "refresh"].includes(metadata.op)) continue;
    const name = nameOf(metadata.urn);
    // A replacement is three operations; the one in the middle names it.
    if (changes[name] !== "replace") changes[name] = metadata.op;
  }
  return { changes, created };
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

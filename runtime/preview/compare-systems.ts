import { existsSync } from "node:fs";
import type { BuildPlan } from "../../model/protocol/build.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import type { PreviewMode } from "../../model/protocol/preview-modes.ts";
import {
  type ActivationForecast,
  compareBuilt,
  compareEvaluated,
  rebootReasons,
  type SystemComparison,
} from "../../model/system-diff/comparison.ts";
import { planUnits } from "../../model/system-diff/unit-changes.ts";
import { chooseBuildLocation, formatBuildLocation } from "../build/build-location.ts";
import { examineLocalNix } from "../nix/local-nix.ts";
import { runNix } from "../nix/run-nix.ts";
import { buildSystem } from "../nix/store/build-local.ts";
import { parseDerivationGraph } from "../nix/store/derivation-graph.ts";
import { localSystems } from "./closure-source.ts";
import type { RunningSystem } from "./system-description.ts";

/** Two systems of one host. */
export interface ComparisonRequest {
  readonly host: string;
  readonly running: RunningSystem;
  readonly wanted: HostSystem;
  readonly preview: Exclude<PreviewMode, "off">;
  /** Where the system is built: a preview builds here or not at all. */
  readonly plan: BuildPlan;
  /** Seconds a build may take. */
  readonly buildSeconds: number;
}

/** A system of a few thousand paths is listed within seconds. */
const querySeconds = 120;
const examineSeconds = 30;
/** What a NixOS system is built from takes Nix around 100 MB to say. */
const graphBytes = 400_000_000;

/**
 * Compares what a host runs with what is wanted on it, activating nothing. `eval` builds nothing either: what has been built already is
 * compared exactly all the same.
 * @returns undefined where neither the old system nor what the new one is built from can be listed
 * @throws StepError step "build" (`full` only)
 */
export async function compareSystems(request: ComparisonRequest): Promise<SystemComparison | undefined> {
  const { running, wanted } = request;
  const unbuilt = await buildHere(request);
  if (running.closure === undefined) return undefined;
  const paths = { before: running.path, after: wanted.toplevel };
  const local = localSystems({ timeoutSeconds: querySeconds });
  const built = await local.closure(wanted.toplevel);
  if (built !== undefined)
    return compareBuilt(
      paths,
      running.closure,
      built,
      await forecast(request, () => local.description(wanted.toplevel, false)),
    );
  const buildable = await listBuildable(wanted.toplevelDerivation);
  if (buildable === undefined) return undefined;
  const runningBuildable = await listBuildable(await local.deriver(running.path));
  return compareEvaluated(paths, running.closure, buildable, runningBuildable, unbuilt ?? "not to be had");
}

/** @returns undefined once it is built, otherwise why it is not */
async function buildHere(request: ComparisonRequest): Promise<string | undefined> {
  const { host, wanted, preview, plan, buildSeconds } = request;
  if (preview === "eval") return "nothing was built (fleet:preview: full builds)";
  const local = await examineLocalNix({ timeoutSeconds: examineSeconds });
  const { place } = chooseBuildLocation({ host, plan, platform: wanted.platform, local });
  if (place.kind !== "local") return `nothing was built: that happens ${formatBuildLocation(place)}`;
  await buildSystem(wanted, ["toplevel"], { host, timeoutSeconds: buildSeconds });
  return undefined;
}

async function forecast(
  { running }: ComparisonRequest,
  describe: () => ReturnType<ReturnType<typeof localSystems>["description"]>,
): Promise<ActivationForecast | null> {
  if (running.description === undefined) return null;
  const wanted = await describe();
  if (wanted === undefined) return null;
  const { units, active, booted } = running.description;
  return {
    units: planUnits(units, wanted.units, active, wanted.wanted),
    reboot: rebootReasons(booted, wanted.boot),
  };
}

async function listBuildable(derivation: string | null | undefined): Promise<Set<string> | undefined> {
  // Garbage collection takes derivations without a reference.
  if (derivation === null || derivation === undefined || !existsSync(derivation)) return undefined;
  const args = ["derivation", "show", "--recursive", derivation];
  const result = await runNix(args, { timeoutSeconds: querySeconds, maxBytes: graphBytes });
  return result.ok ? parseDerivationGraph(result.stdout) : undefined;
}

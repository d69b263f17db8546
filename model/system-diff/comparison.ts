import { type Closure, type ClosureDiff, diffClosures, type PackageChange } from "./closure-diff.ts";
import { diffDerivations } from "./derivation-diff.ts";
import type { UnitPlan } from "./unit-changes.ts";

/** What changes on a host with its next deployment, as far as it is known without activating anything. */
export interface SystemComparison {
  /** Store paths. */
  readonly before: string;
  readonly after: string;
  readonly packages: readonly PackageChange[];
  readonly rebuilt: number;
  /** Packages that the new system's build needs for the first time; empty where it is built, and they are among the others. */
  readonly appearing: readonly PackageChange[];
  /** null: the new system was only evaluated. */
  readonly built: Pick<ClosureDiff, "files" | "size"> | null;
  /** Where nothing was built: why, for people. */
  readonly unbuilt: string | null;
  /** null: not asked for, or not to be had. */
  readonly activation: ActivationForecast | null;
}

/** What an activation will do. */
export interface ActivationForecast {
  readonly units: UnitPlan;
  /** Parts of the new system that run after a reboot only: `kernel`, `initrd`, `kernel-params`, `kernel-modules`. */
  readonly reboot: readonly string[];
}

/** Comparison of two systems that are both there. */
export function compareBuilt(
  paths: Pick<SystemComparison, "before" | "after">,
  before: Closure,
  after: Closure,
  activation: ActivationForecast | null,
): SystemComparison {
  const { packages, rebuilt, files, size } = diffClosures(before, after);
  return { ...paths, packages, rebuilt, appearing: [], built: { files, size }, unbuilt: null, activation };
}

/** Comparison of a running system with one that was evaluated, not built. */
export function compareEvaluated(
  paths: Pick<SystemComparison, "before" | "after">,
  before: Closure,
  buildable: ReadonlySet<string>,
  runningBuildable: ReadonlySet<string> | undefined,
  unbuilt: string,
): SystemComparison {
  const diff = diffDerivations(before, buildable, runningBuildable);
  return { ...paths, ...diff, built: null, unbuilt, activation: null };
}

/** Which parts of a system differ from what a machine has booted; a part that one side lacks is one that differs. */
export function rebootReasons(
  booted: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): string[] {
  const parts = new Set([...booted.keys(), ...wanted.keys()]);
  return [...parts].filter((part) => booted.get(part) !== wanted.get(part)).sort();
}

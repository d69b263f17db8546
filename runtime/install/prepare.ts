import type { HostSystem } from "../../model/protocol/connection.ts";
import { layoutDevices } from "../../model/protocol/disk-layout.ts";
import { formatBuildLocation } from "../build/build-location.ts";
import type { Builder } from "../build/builder.ts";
import { checkPublication, publishBuilt } from "../build/push-built-system.ts";
import { describeNixError } from "../nix/nix-error.ts";
import { runNix } from "../nix/run-nix.ts";
import { partOf, type SystemPart } from "../nix/store/build-local.ts";
import type { HostLimits } from "../platform/limits.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { type InstallContext, phaseError } from "./machine/phase.ts";
import { type MemoryPlan, planMemory } from "./preflight/memory.ts";
import {
  diskSpaceErrors,
  type Here,
  type Preflight,
  preflight,
  preflightOfInstaller,
} from "./preflight/preflight.ts";

/** What is decided and built before a machine is touched. */
export interface Preparation {
  /** Store path of the disk script that is run. */
  readonly diskScript: string;
  readonly diskPart: SystemPart;
  readonly memory: Extract<MemoryPlan, { kind: "possible" }>;
}

/**
 * Checks for everything that an install would run into.
 * @throws StepError with all errors at once
 */
export function checkBefore(context: InstallContext, seen: MachineFacts, here: Omit<Here, "now">): void {
  report(context, preflight(seen, context.spec, { now: Date.now() / 1000, ...here }));
}

/**
 * Checks for what would keep a machine from booting the installer.
 * @throws StepError with all errors at once
 */
export function checkBeforeInstaller(
  context: InstallContext,
  seen: MachineFacts,
  here: Omit<Here, "now">,
): void {
  report(context, preflightOfInstaller(seen, context.spec, here));
}

function report(context: InstallContext, { errors, warnings }: Preflight): void {
  for (const warning of warnings) context.reporter.progress(`warning: ${warning}`);
  if (errors.length > 0) refuse(context, errors);
}

/**
 * Builds what can be built without the machine, and chooses by its size: a configuration that cannot be built, or a system that does not
 * fit, leaves the machine as it is.
 */
export async function prepare(
  context: InstallContext,
  seen: MachineFacts,
  workshop: Builder,
): Promise<Preparation> {
  const { spec, signal, reporter } = context;
  const { system } = spec;
  const limits = { host: spec.host, timeoutSeconds: spec.deadlines.install, signal, reporter };
  checkPublication(spec.host, spec.cache, workshop);
  const parts: SystemPart[] = ["toplevel", "disko"];
  if (system.diskoWithoutTools !== null) parts.push("diskoWithoutTools");
  if (workshop.place.kind !== "target")
    reporter.progress(`building the system ${formatBuildLocation(workshop.place)}`);
  const { memory, space } = await workshop
    .prepare(parts, limits)
    .then(() => publishBuilt(system.toplevel, spec.cache, workshop, limits))
    .then(() => planBySize(context, seen, workshop, limits))
    .catch(withLog(reporter));
  if (memory.kind === "impossible") return refuse(context, [memory.error, ...space]);
  if (space.length > 0) return refuse(context, space);
  if (memory.choice !== null) reporter.progress(memory.choice);
  const diskPart = memory.tools === "installer" ? "diskoWithoutTools" : "disko";
  return { diskPart, diskScript: outputOf(system, diskPart), memory };
}

async function planBySize(
  { spec }: InstallContext,
  seen: MachineFacts,
  { place }: Builder,
  limits: HostLimits,
): Promise<{ memory: MemoryPlan; space: string[] }> {
  const { system } = spec;
  const disko = outputOf(system, "disko");
  const bare = system.diskoWithoutTools?.output ?? null;
  // What is built elsewhere is measured nowhere: then the RAM alone decides.
  if (place.kind !== "local")
    return {
      memory: planMemory(seen.memory, { withTools: 0, withoutTools: bare === null ? null : 0 }),
      space: [],
    };
  const paths = [system.toplevel, disko, ...(bare === null ? [] : [bare])];
  const sizes = await closureSizes(paths, limits);
  return {
    memory: planMemory(seen.memory, {
      withTools: sizeOf(sizes, disko),
      withoutTools: bare === null ? null : sizeOf(sizes, bare),
    }),
    space: diskSpaceErrors(seen, layoutDevices(system.diskLayout), sizeOf(sizes, system.toplevel)),
  };
}

function outputOf(system: HostSystem, part: SystemPart): string {
  const { output } = partOf(system, part);
  if (output === null) throw new Error(`the preflight let a system without ${part} pass`);
  return output;
}

function refuse(context: InstallContext, errors: readonly string[]): never {
  const count = errors.length === 1 ? "this cannot work" : `this cannot work, for ${errors.length} reasons`;
  const said = [`${count}; nothing was changed:`, ...errors].join("\n    ");
  throw phaseError(context, "facts", said, "correct all of it, then run pulumi up again");
}

function withLog(reporter: Reporter): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof StepError)) throw error;
    throw new StepError({ log: reporter.logFile, ...error.failure }, { cause: error });
  };
}

/**
 * Size of each path with all it refers to, in bytes as they are in a store (NAR sizes: files take somewhat more).
 * @param paths store paths that exist here
 * @throws StepError step "measuring the closure"
 */
async function closureSizes(
  paths: readonly string[],
  { host, ...limits }: HostLimits,
): Promise<ReadonlyMap<string, number>> {
  const result = await runNix(["path-info", "--closure-size", ...paths], limits);
  if (!result.ok)
    throw new StepError({ host, step: "measuring the closure", ...describeNixError(result, limits) });
  const sizes = new Map<string, number>();
  for (const line of result.stdout.trim().split("\n")) {
    const [path = "", size = ""] = line.trim().split(/\s+/);
    if (!/^\d+$/.test(size)) throw new Error(`nix path-info printed an unknown line: ${line}`);
    sizes.set(path, Number(size));
  }
  return sizes;
}

/** One of `closureSizes`. @throws Error for a path that was not asked for */
function sizeOf(sizes: ReadonlyMap<string, number>, path: string): number {
  const size = sizes.get(path);
  if (size === undefined) throw new Error(`no size is known of ${path}`);
  return size;
}

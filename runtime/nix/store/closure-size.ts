import type { HostLimits } from "../../platform/limits.ts";
import { StepError } from "../../platform/step-error.ts";
import { describeNixError } from "../nix-error.ts";
import { runNix } from "../run-nix.ts";

/**
 * Size of each path with all it refers to, in bytes as they lie in a store (NAR sizes: files take somewhat more).
 * @param paths store paths that exist here
 * @throws StepError step "measuring the closure"
 */
export async function closureSizes(
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
export function sizeOf(sizes: ReadonlyMap<string, number>, path: string): number {
  const size = sizes.get(path);
  if (size === undefined) throw new Error(`no size is known of ${path}`);
  return size;
}

import { existsSync } from "node:fs";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import type { HostLimits } from "../../platform/limits.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { describeNixError } from "../nix-error.ts";
import { runNix } from "../run-nix.ts";

/** What of a host's system can be built. */
export type SystemPart = "toplevel" | "disko" | "diskoWithoutTools";

interface Wanted {
  readonly output: string;
  readonly installable: string;
  /** The derivation was collected: the same wrapper flake has to be evaluated again. */
  readonly again: boolean;
}

const step = "build";
const evaluateAgain =
  "The evaluated sources are no longer in the Nix store: run `pulumi up` again to read them again.";

/**
 * Makes parts of a system exist in the local store: built, substituted, or there already.
 * @returns their output paths, in the order asked for
 * @throws StepError step "build", with the failing derivation and the end of its log
 */
export async function buildSystem(
  system: HostSystem,
  parts: readonly SystemPart[],
  limits: HostLimits,
): Promise<string[]> {
  const wanted = parts.map((part) => wantedPart(system, part, limits.host));
  const installables = wanted.map(({ installable }) => installable);
  const args = [
    "build",
    "--no-link",
    "--print-out-paths",
    "--no-write-lock-file",
    "--print-build-logs",
    "--log-lines",
    "25",
  ];
  const result = await runNix([...args, ...installables], limits);
  if (!result.ok) throw buildError(result, wanted, limits);
  requireOutputs(wanted, result.stdout, limits.host);
  return wanted.map(({ output }) => output);
}

function wantedPart(system: HostSystem, part: SystemPart, host: string): Wanted {
  const { output, derivation, attribute } = partOf(system, part);
  if (output === null)
    throw new StepError({
      host,
      step,
      seen: "the configuration has no config.system.build.diskoScript",
      next: "Import the disko module and declare `disko.devices`, or install the host by hand (`bootstrap: none`).",
    });
  if (derivation !== null && existsSync(derivation))
    return { output, installable: `${derivation}^*`, again: false };
  // Without a flake there is only the path itself, which a binary cache may have.
  if (system.installable === null) return { output, installable: output, again: false };
  return { output, installable: system.installable.replace(/\.toplevel$/, `.${attribute}`), again: true };
}

/** What is known of a part; `attribute` is its name in the wrapper flake. */
export function partOf(
  system: HostSystem,
  part: SystemPart,
): { output: string | null; derivation: string | null; attribute: string } {
  switch (part) {
    case "toplevel":
      return { output: system.toplevel, derivation: system.toplevelDerivation, attribute: "toplevel" };
    case "disko":
      return { output: system.disko, derivation: system.diskoDerivation, attribute: "diskoScript" };
    case "diskoWithoutTools": {
      const { output, derivation } = system.diskoWithoutTools ?? { output: null, derivation: null };
      return { output, derivation, attribute: "diskoScriptNoDeps" };
    }
  }
}

function requireOutputs(wanted: readonly Wanted[], stdout: string, host: string): void {
  const built = new Set(stdout.split("\n"));
  const missing = wanted.filter(({ output }) => !built.has(output));
  if (missing.length === 0) return;
  throw new StepError({
    host,
    step,
    seen: `expected ${missing.map(({ output }) => output).join(", ")}, got ${[...built].filter(Boolean).join(", ") || "nothing"}`,
    next: evaluateAgain,
  });
}

function buildError(result: RunResult, wanted: readonly Wanted[], limits: HostLimits): StepError {
  const { host, reporter } = limits;
  return new StepError({
    host,
    step,
    ...(wanted.some(({ again }) => again) ? { next: evaluateAgain } : {}),
    ...describeNixError(result, limits),
    log: reporter?.logFile,
  });
}

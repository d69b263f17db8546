import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { FactPath } from "../../../model/facts/facts.ts";
import { traitsSchema } from "../../../model/protocol/connection.ts";
import { diskLayoutSchema } from "../../../model/protocol/disk-layout.ts";
import type { Limits } from "../../platform/limits.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { runNix } from "../run-nix.ts";

const storePathSchema = z.string().startsWith("/nix/store/");
const pathsSchema = z.strictObject({ output: storePathSchema, derivation: storePathSchema });

/** Output `fleet` of the wrapper flake (`wrapper/describe.nix`). */
const describedSchema = z.strictObject({
  toplevel: pathsSchema,
  disko: pathsSchema.nullable(),
  diskoWithoutTools: pathsSchema.nullable(),
  diskLayout: diskLayoutSchema.nullable(),
  traits: traitsSchema,
  platform: z.string().min(1),
});
type DescribedSystem = z.infer<typeof describedSchema>;

/** What one Nix process found. */
export type NixEvaluation =
  | {
      readonly kind: "value";
      readonly described: DescribedSystem;
      readonly usedFacts: readonly FactPath[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "missing-fact"; readonly path: FactPath }
  | { readonly kind: "failed"; readonly result: RunResult };

/** Evaluates a wrapper flake in one local Nix process. */
export async function evaluateWrapper(wrapper: string, options: Limits): Promise<NixEvaluation> {
  return readEvaluation(await runNix(evaluationArguments(`path:${encodeURI(wrapper)}`), options));
}

/** Arguments of `nix` that evaluate a wrapper flake, given by its reference. */
export function evaluationArguments(wrapper: string): string[] {
  // A cached value would not show which facts it was evaluated from.
  const settings = ["--option", "eval-cache", "false", "--option", "pure-eval", "true"];
  return ["eval", "--json", "--no-write-lock-file", ...settings, `${wrapper}#fleet`];
}

/** What `evaluationArguments` led to. A fact that is not known beats whatever else went wrong: a `tryEval` may hide it. */
export function readEvaluation(result: RunResult): NixEvaluation {
  const missing = markedFacts(result.stderr, "unknown")[0];
  if (missing !== undefined && !result.timedOut && !result.cancelled)
    return { kind: "missing-fact", path: missing };
  if (!result.ok) return { kind: "failed", result };
  return {
    kind: "value",
    described: describedSchema.parse(JSON.parse(result.stdout)),
    usedFacts: markedFacts(result.stderr, "used"),
    warnings: evaluationWarnings(result.stderr),
  };
}

/** Facts announced on standard error (`hosts/modules/facts/values.nix`), each once, in the order they were read. @internal */
export function markedFacts(stderr: string, kind: "used" | "unknown"): FactPath[] {
  const marks = stderr.matchAll(new RegExp(`^trace: fleet-fact-${kind}:(.+)$`, "gm"));
  return [...new Set([...marks].map((mark) => mark[1] as FactPath))];
}

/** Warnings of the configuration itself (`config.warnings`, `lib.warn`), without those about fetching and Git. @internal */
export function evaluationWarnings(stderr: string): string[] {
  const plain = stripVTControlCharacters(stderr);
  const warnings = plain.matchAll(/^(?:trace: (?:evaluation )?warning|evaluation warning): (.*)$/gm);
  return [...new Set([...warnings].map((warning) => warning[1] ?? ""))];
}

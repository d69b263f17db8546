import { distance } from "fastest-levenshtein";
import type { StaticFacts } from "../../../model/facts/facts.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { describeNixError, inUsersFiles, sourceHint } from "../nix-error.ts";
import type { FlakeReference } from "../sources/flake-reference.ts";
import { unknownFact } from "./unknown-fact.ts";

/** What was evaluated when it failed. */
export interface FailedEvaluation {
  readonly host: string;
  readonly flake: string;
  readonly attribute: string;
  readonly reference: FlakeReference;
  /** Store path of the flake's source tree. */
  readonly storePath: string;
  /** Installable to try by hand. */
  readonly installable: string;
  readonly timeoutSeconds: number;
  /** Names that facts can be read by. */
  readonly fixed: StaticFacts;
  /** What is known to be odd about the flake, such as files Git does not track. */
  readonly sourceWarnings: readonly string[];
}

const step = "evaluation";

/** The error of one host: Nix's own message, once, about the user's own files. */
export function evaluationError(result: RunResult, failed: FailedEvaluation): StepError {
  const names = /error: fleet-no-configuration:(\[.*\])/.exec(result.stderr)?.[1];
  if (names !== undefined) return missingConfiguration(JSON.parse(names) as unknown, failed);
  const unusable = /error: fleet-not-extensible:(.*)/.exec(result.stderr)?.[1];
  if (unusable !== undefined)
    return new StepError({
      host: failed.host,
      step,
      seen: `${failed.flake}: ${unusable}`,
      next: "Build the configuration with `nixpkgs.lib.nixosSystem`, or give a ready closure with `system:`.",
    });
  const described = describeNixError(result, failed);
  const ended = result.exitCode === undefined;
  const unknown = ended ? undefined : unknownFact(described.seen, failed.fixed);
  return new StepError({
    host: failed.host,
    step,
    seen: ended
      ? described.seen
      : inUsersFiles(
          unknown === undefined ? described.seen : `${unknown}\n${described.seen}`,
          failed.reference,
          failed.storePath,
        ),
    next:
      described.next ??
      sourceHint(result.stderr, failed.reference, failed.sourceWarnings) ??
      `Correct the configuration. The whole trail: nix eval --show-trace '${failed.installable}'`,
  });
}

function missingConfiguration(parsed: unknown, failed: FailedEvaluation): StepError {
  const names = Array.isArray(parsed) ? parsed.filter((name) => typeof name === "string") : [];
  const nearest = nearestName(failed.attribute, names);
  const available = names.length === 0 ? "none" : names.join(", ");
  return new StepError({
    host: failed.host,
    step,
    seen: `${failed.flake} has no nixosConfigurations.${failed.attribute}; it has: ${available}`,
    next:
      nearest === undefined
        ? `Add nixosConfigurations.${failed.attribute}, or name another with \`flake: ${failed.flake}#<name>\`.`
        : `Did you mean \`flake: ${failed.flake}#${nearest}\`?`,
  });
}

/** The closest candidate, if no more than a third of the letters differ. @internal */
export function nearestName(wanted: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((name) => ({ name, letters: distance(wanted, name) }))
    .filter(({ name, letters }) => letters <= Math.ceil(Math.max(name.length, wanted.length) / 3))
    .sort((a, b) => a.letters - b.letters);
  return ranked[0]?.name;
}

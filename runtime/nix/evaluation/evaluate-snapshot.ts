import { type FactPath, type FactSource, type FactValue, factPaths } from "../../../model/facts/facts.ts";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { StepError } from "../../platform/step-error.ts";
import type { FlakeSource } from "../sources/flake-source.ts";
import type { SourceSnapshot } from "../sources/source-snapshot.ts";
import { type EvaluationKey, removeOldEvaluations, writeCache } from "./cache.ts";
import { evaluationError } from "./evaluation-error.ts";
import type { NixEvaluation } from "./nix-eval.ts";
import type { Evaluation, EvaluationRequest, EvaluationRun } from "./types.ts";
import {
  removeOldWrappers,
  toplevelInstallable,
  type WrapperRequest,
  type WrapperTemplate,
  writeWrapper,
} from "./wrapper-flake.ts";

/** What is ready before the first Nix evaluation of a host. */
export interface PreparedEvaluation {
  readonly source: FlakeSource;
  readonly snapshot: SourceSnapshot;
  readonly key: EvaluationKey;
  readonly template: WrapperTemplate;
  readonly sourceWarnings: readonly string[];
}

/** Evaluates with the facts known now; whenever Nix reads one that is not, waits for just that one. */
export async function evaluateSnapshot(
  current: EvaluationRun,
  request: EvaluationRequest,
  prepared: PreparedEvaluation,
): Promise<Evaluation> {
  const { host, attribute, facts } = request;
  const { cacheRoot } = current.options;
  const known = factsKnownNow(facts);
  const wrapperRequest = { source: prepared.snapshot.locked, host, attribute, fixed: facts.fixed };
  for (let attempts = factPaths(facts.fixed).length + 1; attempts > 0; attempts--) {
    const wrapper = await writeWrapper({ ...wrapperRequest, known }, prepared.template, cacheRoot);
    const found = await current.backend.evaluate({ host, wrapper, snapshot: prepared.snapshot });
    if (found.kind === "postponed")
      return { kind: "unknown", waitingFor: null, until: found.until, warnings: prepared.sourceWarnings };
    if (found.kind === "failed") throw failure(current, request, prepared, wrapper, found);
    if (found.kind === "value") return cacheResult(current, wrapperRequest, known, prepared, found);
    const fact = await facts.settle(found.path);
    if (!fact.known)
      return {
        kind: "unknown",
        waitingFor: found.path,
        until: fact.until,
        warnings: prepared.sourceWarnings,
      };
    known[found.path] = fact.value;
  }
  throw new StepError({
    host,
    step: "evaluation",
    seen: "Nix asks again for facts it was given: a bug of this program",
  });
}

type KnownFacts = Partial<Record<FactPath, FactValue>>;

function factsKnownNow(facts: FactSource): KnownFacts {
  const known: KnownFacts = {};
  for (const path of factPaths(facts.fixed)) {
    const fact = facts.now(path);
    if (fact?.known === true) known[path] = fact.value;
  }
  return known;
}

/** Remembers the result together with a wrapper that holds only the facts that matter: it is the same for every operator. */
async function cacheResult(
  current: EvaluationRun,
  wrapperRequest: Omit<WrapperRequest, "known">,
  known: KnownFacts,
  prepared: PreparedEvaluation,
  found: Extract<NixEvaluation, { kind: "value" }>,
): Promise<Evaluation> {
  const { cacheRoot } = current.options;
  const used = found.usedFacts.map((path): [FactPath, FactValue] => [path, known[path] ?? null]);
  const request = { ...wrapperRequest, known: Object.fromEntries(used) };
  const wrapper = await writeWrapper(request, prepared.template, cacheRoot);
  const { toplevel, disko, diskoWithoutTools, diskLayout, traits, platform } = found.described;
  const system: HostSystem = {
    toplevel: toplevel.output,
    toplevelDerivation: toplevel.derivation,
    disko: disko?.output ?? null,
    diskoDerivation: disko?.derivation ?? null,
    diskoWithoutTools,
    diskLayout,
    traits,
    platform,
    installable: toplevelInstallable(wrapper, wrapperRequest.host),
    revision: prepared.snapshot.revision,
    dirty: prepared.snapshot.dirty,
  };
  const warnings = [...found.warnings];
  const key = { ...prepared.key, identity: prepared.snapshot.identity };
  await writeCache(cacheRoot, key, { usedFacts: used, system, warnings });
  await Promise.all([removeOldEvaluations(cacheRoot), removeOldWrappers(cacheRoot)]);
  return {
    kind: "known",
    system,
    usedFacts: found.usedFacts,
    cached: false,
    warnings: [...prepared.sourceWarnings, ...warnings],
  };
}

function failure(
  current: EvaluationRun,
  request: EvaluationRequest,
  prepared: PreparedEvaluation,
  wrapper: string,
  found: Extract<NixEvaluation, { kind: "failed" }>,
): StepError {
  return evaluationError(found.result, {
    host: request.host,
    flake: request.flake,
    attribute: request.attribute,
    reference: prepared.source.reference,
    storePath: prepared.snapshot.storePath,
    installable: toplevelInstallable(wrapper, request.host),
    timeoutSeconds: current.options.timeoutSeconds,
    fixed: request.facts.fixed,
    sourceWarnings: prepared.sourceWarnings,
  });
}

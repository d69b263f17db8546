import { StepError } from "../../platform/step-error.ts";
import { DeferredError } from "../deferred.ts";
import { NoEvaluationHostError } from "../evaluation-hosts.ts";
import { type FlakeSource, openFlakeSource } from "../sources/flake-source.ts";
import type { EvaluatorOptions } from "./backend.ts";
import { localBackend } from "./backend.ts";
import { type EvaluationKey, readCache } from "./cache.ts";
import { configurationNames } from "./configuration-names.ts";
import { evaluateSnapshot } from "./evaluate-snapshot.ts";
import type { Evaluation, EvaluationRequest, EvaluationRun } from "./types.ts";
import { readWrapperTemplate, templateVersion, type WrapperTemplate } from "./wrapper-flake.ts";

/** Evaluates hosts of one run. Each flake is opened once, so all hosts see the same sources. */
export interface Evaluator {
  /** Names under `nixosConfigurations` of a flake. @throws StepError when it cannot be read */
  configurationNames(flake: string): Promise<readonly string[]>;
  /** @throws StepError naming the host; other hosts are not concerned */
  evaluateHost(request: EvaluationRequest): Promise<Evaluation>;
}

const defaultTimeoutSeconds = 900;

/** Creates an evaluator for one run of the program: make a new one to see later edits. */
export function createEvaluator(given: EvaluatorOptions): Evaluator {
  const options = { ...given, timeoutSeconds: given.timeoutSeconds ?? defaultTimeoutSeconds };
  const backend = given.backend ?? localBackend(options);
  const sources = new Map<string, FlakeSource>();
  let template: Promise<WrapperTemplate> | undefined;
  const current: EvaluationRun = {
    options,
    backend,
    source(flake) {
      const source = sources.get(flake) ?? openFlakeSource(flake, { ...options, fetcher: backend.fetcher });
      sources.set(flake, source);
      return source;
    },
    template() {
      template ??= readWrapperTemplate();
      return template;
    },
  };
  return {
    evaluateHost: (request) =>
      namingHost(request.host, () => evaluate(current, request).catch(whenPostponed)),
    configurationNames: async (flake) => configurationNames(current.source(flake), options.cacheRoot),
  };
}

function whenPostponed(error: unknown): Evaluation {
  if (!(error instanceof DeferredError)) throw error;
  return { kind: "unknown", waitingFor: null, until: error.until, warnings: [] };
}

async function namingHost<T>(host: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (
      error instanceof StepError &&
      !(error instanceof NoEvaluationHostError) &&
      error.failure.host === undefined
    )
      throw new StepError({ ...error.failure, host }, { cause: error });
    throw error;
  }
}

async function evaluate(current: EvaluationRun, request: EvaluationRequest): Promise<Evaluation> {
  const { cacheRoot } = current.options;
  const source = current.source(request.flake);
  const [identity, template, sourceWarnings] = await Promise.all([
    source.identity(),
    current.template(),
    source.warnings(),
  ]);
  const attribute = configurationName(request.attribute);
  const { host, facts } = request;
  const wrapperVersion = templateVersion(template);
  const key: EvaluationKey = { identity, host, attribute, fixed: facts.fixed, wrapperVersion };
  const answer = await readCache(cacheRoot, key, facts, current.backend);
  if (answer.kind === "unknown") return { ...answer, warnings: sourceWarnings };
  if (answer.kind === "hit") {
    const { system, usedFacts, warnings } = answer.evaluated;
    const paths = usedFacts.map(([path]) => path);
    return {
      kind: "known",
      system,
      usedFacts: paths,
      cached: true,
      warnings: [...sourceWarnings, ...warnings],
    };
  }
  const snapshot = await source.snapshot();
  return evaluateSnapshot(
    current,
    { ...request, attribute },
    { source, snapshot, key, template, sourceWarnings },
  );
}

/** `flake.nix#nixosConfigurations.web` is what `nix build` wants; people paste it. */
function configurationName(attribute: string): string {
  return attribute.replace(/^nixosConfigurations\./, "").replace(/^"(.*)"$/, "$1");
}

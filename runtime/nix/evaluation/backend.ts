import { existsSync } from "node:fs";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import type { Deferred } from "../deferred.ts";
import { nixFetcher } from "../sources/prefetch.ts";
import type { SourceFetcher, SourceSnapshot } from "../sources/source-snapshot.ts";
import { evaluateWrapper, type NixEvaluation } from "./nix-eval.ts";
import { createWorkers } from "./worker-pool.ts";

/** What is evaluated: a generated wrapper flake around one host of a source tree. */
interface WrappedHost {
  readonly host: string;
  /** Folder of the wrapper, absolute. */
  readonly wrapper: string;
  readonly snapshot: SourceSnapshot;
}

/** Who reads flakes and evaluates hosts. */
export interface EvaluationBackend {
  readonly fetcher: SourceFetcher;
  /** Whether a remembered system can still be built, without evaluating it again first. */
  holds(system: HostSystem): boolean;
  evaluate(request: WrappedHost): Promise<NixEvaluation | Deferred>;
}

/** The local Nix, as many at once as memory allows. */
export function localBackend(
  options: EvaluatorOptions & { readonly timeoutSeconds: number },
): EvaluationBackend {
  const workers = createWorkers();
  return {
    fetcher: nixFetcher,
    holds: derivationsExist,
    evaluate: ({ wrapper }) => workers(() => evaluateWrapper(wrapper, options)),
  };
}

/** Garbage collection takes derivations without a reference; without them nothing could be built. */
export function derivationsExist(system: HostSystem): boolean {
  return [system.toplevelDerivation, system.diskoDerivation, system.diskoWithoutTools?.derivation ?? null]
    .filter((derivation) => derivation !== null)
    .every((derivation) => existsSync(derivation));
}

export interface EvaluatorOptions {
  /** Folder relative flake references start from, absolute. */
  readonly projectRoot: string;
  /** Folder for wrappers and results, such as `.fleet/cache`, absolute. */
  readonly cacheRoot: string;
  /** Deadline of each Nix process, in seconds. */
  readonly timeoutSeconds?: number;
  /** Who evaluates; default: the local Nix. */
  readonly backend?: EvaluationBackend;
}

import type { FactPath, FactSource } from "../../../model/facts/facts.ts";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import type { FlakeSource } from "../sources/flake-source.ts";
import type { EvaluationBackend, EvaluatorOptions } from "./backend.ts";
import type { WrapperTemplate } from "./wrapper-flake.ts";

export interface EvaluationRequest {
  readonly host: string;
  /** Flake reference without attribute, as in the configuration. */
  readonly flake: string;
  /** Name under `nixosConfigurations`. */
  readonly attribute: string;
  readonly facts: FactSource;
}

/** The system of a host, or why it can't be said yet. */
export type Evaluation =
  | {
      readonly kind: "known";
      readonly system: HostSystem;
      /** Facts the system was evaluated from: another value may mean another system. */
      readonly usedFacts: readonly FactPath[];
      /** True: no Nix process was started. */
      readonly cached: boolean;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: "unknown";
      /** null: for any machine that can evaluate. */
      readonly waitingFor: FactPath | null;
      /** What has to exist first, for people. */
      readonly until: string;
      readonly warnings: readonly string[];
    };

/** What the hosts of one run share. */
export interface EvaluationRun {
  readonly options: EvaluatorOptions & { readonly timeoutSeconds: number };
  readonly backend: EvaluationBackend;
  source(flake: string): FlakeSource;
  template(): Promise<WrapperTemplate>;
}

import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/target.ts";
import type { Deferred } from "./deferred.ts";

/** Machines that can evaluate for us. */
export interface EvaluationHosts {
  /**
   * Works on a machine with Nix; its connection ends after the last work on it.
   * @param host the host it is for; null: any machine will do
   * @throws NoEvaluationHostError when there are some, and none can be reached
   */
  use<T>(
    host: string | null,
    work: (session: SshSession) => Promise<T>,
  ): Promise<{ readonly kind: "done"; readonly value: T } | Deferred>;
}

/** No machine can evaluate now. What was wanted last is still wanted, as far as is known. */
export class NoEvaluationHostError extends StepError {}

import { setTimeout as sleep } from "node:timers/promises";
import type { FaultEffect, FaultHit } from "./faults.ts";

/** An answer that a rule asks for instead of the API's own; `cut` is a connection reset. */
export type InjectedAnswer =
  | { readonly kind: "cut" }
  | {
      readonly kind: "response";
      readonly status: number;
      readonly code: string;
      readonly message: string;
    };

/**
 * Handles a request as the rule that struck it says: before it is carried out, or after, when only its answer is lost.
 * @param inject makes an API's outcome of an injected answer
 */
export async function withFault<Outcome>(
  hit: FaultHit | null,
  handle: () => Promise<Outcome>,
  inject: (answer: InjectedAnswer) => Outcome,
): Promise<Outcome> {
  if (hit === null) return handle();
  const wait = hit.effect.kind === "delay" ? hit.effect.ms : 0;
  const injected = injectedAnswer(hit.effect);
  if (hit.phase === "before") {
    await sleep(wait);
    return injected === null ? handle() : inject(injected);
  }
  const outcome = await handle();
  await sleep(wait);
  return injected === null ? outcome : inject(injected);
}

function injectedAnswer(effect: FaultEffect): InjectedAnswer | null {
  switch (effect.kind) {
    case "delay":
      return null;
    case "reset":
      return { kind: "cut" };
    case "response": {
      const { status, code, message = `injected ${code}` } = effect;
      return { kind: "response", status, code, message };
    }
  }
}

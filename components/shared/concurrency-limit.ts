import * as pulumi from "@pulumi/pulumi";
import pLimit from "p-limit";
import { outputValue } from "./output-value.ts";

/**
 * Limits how many deployments run at once. The engine starts a command once its inputs are settled, so a deployment waits by an
 * input that settles late. Unlike a chain of dependencies this makes no host depend on another, and unlike a lock on
 * disk nothing of it outlives the run.
 */
export class ConcurrencyLimit {
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(most: number) {
    this.#limit = pLimit(most);
  }

  /**
   * @param input settles when a slot is free
   * @param ready what the deployment waits for anyhow: it takes no slot before that
   * @returns the input, and how to report which resource the slot is for; without that it is never given back
   */
  acquire<T>(
    input: pulumi.Output<T>,
    ready: () => Promise<unknown>,
  ): { input: pulumi.Output<T>; until: (done: pulumi.Output<unknown>) => void } {
    let giveBack: (done: Promise<void>) => void = () => {};
    const over = new Promise<void>((resolve) => {
      giveBack = resolve;
    });
    const turn = ready().then(
      () =>
        new Promise<void>((begin) => {
          void this.#limit(() => {
            begin();
            return over;
          });
        }),
    );
    return {
      input: pulumi.all([input, turn]).apply(([value]) => value) as pulumi.Output<T>,
      until: (done) => giveBack(outputValue(done).then(nothing, nothing)),
    };
  }
}

/** A deployment that has failed is over too; its error is reported by the engine. */
function nothing(): void {}

import type * as pulumi from "@pulumi/pulumi";
import type { Fact, FactPath, FactSource, FactValue, StaticFacts } from "../../model/facts/facts.ts";
import { factPaths } from "../../model/facts/facts.ts";
import { outputValue } from "../shared/output-value.ts";

/** Collects the Outputs behind the dynamic facts and answers for them host by host. */
export class FactRegistry implements FactSource {
  readonly fixed: StaticFacts;
  readonly #settled = new Map<FactPath, Fact>();
  readonly #pending = new Map<FactPath, { fact: Promise<Fact>; resolve: (fact: Promise<Fact>) => void }>();

  constructor(fixed: StaticFacts) {
    this.fixed = fixed;
    for (const path of factPaths(fixed)) {
      let resolve: (fact: Promise<Fact>) => void = () => {};
      const fact = new Promise<Fact>((done) => {
        resolve = done;
      });
      // A failed resource is reported by itself; a fact that is not requested must not report it again.
      fact.catch(() => {});
      this.#pending.set(path, { fact, resolve });
    }
  }

  /** Says where a fact comes from. Every path must be provided once before the program ends. */
  provide(path: FactPath, output: pulumi.Output<FactValue>, until: string): void {
    const fact = outputValue(output).then(
      (answer): Fact => (answer.known ? { known: true, value: answer.value } : { known: false, until }),
    );
    this.provideFact(path, fact);
  }

  /** As `provide`, for what has been checked already. */
  provideFact(path: FactPath, fact: Promise<Fact>): void {
    const { resolve } = this.#entry(path);
    const remembered = fact.then((known) => {
      this.#settled.set(path, known);
      return known;
    });
    resolve(remembered);
  }

  now(path: FactPath): Fact | undefined {
    return this.#settled.get(path);
  }

  async settle(path: FactPath): Promise<Fact> {
    return this.#entry(path).fact;
  }

  #entry(path: FactPath) {
    const entry = this.#pending.get(path);
    if (entry === undefined) throw new Error(`"${path}" is not a fact of this fleet`);
    return entry;
  }
}

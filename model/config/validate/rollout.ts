import { z } from "zod";
import type { ConfigError } from "../../errors/config-error.ts";
import { type Selectable, selectorErrors, selectorPattern } from "../../naming/selector.ts";
import { selectorsOf } from "../hosts/rollout-selectors.ts";

/** Where selectors are, whatever else is there. */
const written = z
  .object({ canary: z.array(z.unknown()).catch([]), waves: z.array(z.unknown()).catch([]) })
  .catch({ canary: [], waves: [] });

/** Errors between a rollout and the hosts there are. What is wrong with the rollout by itself is reported elsewhere. */
export function rolloutErrors(rollout: unknown, hosts: readonly Selectable[]): ConfigError[] {
  const { canary, waves } = written.parse(rollout);
  const selectors = selectorsOf({
    canary: canary.map(textOf),
    waves: waves.map((wave) => (Array.isArray(wave) ? wave.map(textOf) : textOf(wave))),
  });
  return selectorErrors(
    selectors.filter(({ selector }) => selectorPattern.test(selector)),
    hosts,
  );
}

/** Empty, which is not a selector, for anything else. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

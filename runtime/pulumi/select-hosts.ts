import { inNaturalOrder } from "../../model/naming/format-hosts.ts";
import { type Selectable, select, selectorErrors } from "../../model/naming/selector.ts";
import { StepError } from "../platform/step-error.ts";

/** Hosts by name, with what selectors go by. */
export type HostsWithTags = Readonly<Record<string, { readonly tags: readonly string[] }>>;

/**
 * Hosts of a stack that selectors name, in the natural order of their names, each once.
 * @param selectors names of hosts, and `@` with tags; none: all hosts
 * @throws StepError for selectors that name nothing, all of them at once
 */
export function chooseHosts(
  { hosts, unfinished = [] }: { readonly hosts: HostsWithTags; readonly unfinished?: readonly string[] },
  selectors: readonly string[],
): string[] {
  const all: Selectable[] = inNaturalOrder(Object.keys(hosts)).map((name) => ({
    name,
    tags: hosts[name]?.tags ?? [],
  }));
  if (selectors.length === 0) return all.map(({ name }) => name);
  const errors = selectorErrors(
    selectors.map((selector) => ({ path: selector, selector })),
    all,
  );
  const reasons = errors.map(({ path, reason }) =>
    unfinished.includes(path) ? `the last update did not finish "${path}"` : reason,
  );
  if (errors.length > 0)
    throw new StepError({
      step: "choosing hosts",
      seen: reasons.join("; "),
      next: 'name hosts of the stack, or tags such as "@eu"; tags are known after the next `pulumi up`',
    });
  const chosen = new Set(selectors.flatMap((selector) => select(selector, all)));
  return all.map(({ name }) => name).filter((name) => chosen.has(name));
}

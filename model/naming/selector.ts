import { type ConfigError, suggestion } from "../errors/config-error.ts";

/** What a selector can name. */
export interface Selectable {
  readonly name: string;
  readonly tags: readonly string[];
}

/** A host's name, or `@` and a tag: the same in the configuration and on the command line. */
export const selectorPattern = /^@?[a-z0-9][a-z0-9-]{0,62}$/;

/** Names of the hosts that a selector names, in the order of `hosts`. */
export function select(selector: string, hosts: readonly Selectable[]): string[] {
  return hosts.filter((host) => names(selector, host)).map(({ name }) => name);
}

function names(selector: string, host: Selectable): boolean {
  return selector.startsWith("@") ? host.tags.includes(selector.slice(1)) : host.name === selector;
}

/** Errors of selectors that name nothing, each at its own path. */
export function selectorErrors(
  selectors: readonly { readonly path: string; readonly selector: string }[],
  hosts: readonly Selectable[],
): ConfigError[] {
  const known = hosts.map(({ name }) => name);
  const tags = [...new Set(hosts.flatMap((host) => host.tags))].sort();
  return selectors.flatMap(({ path, selector }): ConfigError[] => {
    if (select(selector, hosts).length > 0) return [];
    return [{ path, reason: reasonOf(selector, known, tags) }];
  });
}

function reasonOf(selector: string, hosts: readonly string[], tags: readonly string[]): string {
  if (selector.startsWith("@")) {
    const tag = selector.slice(1);
    if (tags.length === 0) return `"${tag}" is the tag of no host, as no host has tags`;
    return `"${tag}" is the tag of no host${suggestion(tag, tags)}`;
  }
  if (tags.includes(selector))
    return `"${selector}" is not a host, but a tag: write "@${selector}" for all hosts that have it`;
  return `"${selector}" is not a host${suggestion(selector, hosts)}`;
}

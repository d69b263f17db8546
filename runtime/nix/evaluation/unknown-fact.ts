import { suggestion } from "../../../model/errors/config-error.ts";
import type { StaticFacts } from "../../../model/facts/facts.ts";

/** A set of facts whose names come from the stack. */
interface NamedFacts {
  /** Below `config.fleet`. */
  readonly option: string;
  readonly names: (fixed: StaticFacts) => readonly string[];
  readonly missing: (name: string) => string;
}

const namedFacts: readonly NamedFacts[] = [
  {
    option: "hosts",
    names: ({ hosts }) => Object.keys(hosts),
    missing: (name) => `there is no host "${name}" in this fleet`,
  },
  {
    option: "byTag",
    names: ({ hosts }) => [...new Set(Object.values(hosts).flatMap(({ tags }) => tags))],
    missing: (name) => `no host of this fleet has the tag "${name}"`,
  },
  {
    option: "facts",
    names: ({ customFacts }) => customFacts,
    missing: (name) => `there is no fact "${name}" in fleet:facts`,
  },
];

/**
 * What Nix's `attribute 'x' missing` means where the line it points at reads facts by a name the fleet does not have; undefined elsewhere.
 * @param message Nix's own, with the lines of the source it quotes
 */
export function unknownFact(message: string, fixed: StaticFacts): string | undefined {
  const name = /^attribute '(.+)' missing$/m.exec(message)?.[1];
  // The line above the one that holds nothing but the mark.
  const line = /^ *\d+\|(.*)\n *\| *\^ *$/m.exec(message)?.[1];
  if (name === undefined || line === undefined) return undefined;
  const missing = namedFacts.filter(({ names }) => !names(fixed).includes(name));
  const literally = missing.find(({ option }) =>
    [name, JSON.stringify(name)].some((text) => line.includes(`${option}.${text}`)),
  );
  const computed = missing.find(({ option }) => line.includes(`${option}.\${`));
  const found = literally ?? computed;
  return found && `${found.missing(name)}${suggestion(name, found.names(fixed))}`;
}

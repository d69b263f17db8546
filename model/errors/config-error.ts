import { distance } from "fastest-levenshtein";

/** One thing that is wrong with the configuration. */
export interface ConfigError {
  /** Where: the configuration key and the path below it, such as `fleet:hosts.web.location`. */
  readonly path: string;
  /** What is wrong, and what would be right. */
  readonly reason: string;
}

/** All errors of a configuration at once; nothing has been created when it is thrown. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly errors: readonly ConfigError[];

  constructor(errors: readonly ConfigError[]) {
    super(formatErrors(errors));
    this.errors = errors;
  }
}

/** A headline and a line per error. */
function formatErrors(errors: readonly ConfigError[]): string {
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  const lines = errors.map((error) => `  ${error.path}: ${error.reason}`);
  return [`the configuration has ${count}; nothing was changed:`, ...lines].join("\n");
}

/** Path of an error in the notation people type: `fleet:hosts.web.firewall.tcp[0]`, `fleet:hosts.web.diskKeys["/run/key"]`. */
export function errorPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const name = String(part);
    return /^[A-Za-z0-9_-]+$/.test(name) ? `${text}.${name}` : `${text}[${JSON.stringify(name)}]`;
  }, root);
}

/** A longer list of names is not shown. */
const mostListed = 20;
const nearest = 5;

/** `; did you mean "x"?` for a near miss, else the list of what there is, or of what comes nearest. */
export function suggestion(given: string, candidates: readonly string[], kind = "values"): string {
  const near = nearMiss(given, candidates);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (candidates.length === 0) return "";
  if (candidates.length <= mostListed) return `; valid ${kind}: ${[...candidates].sort().join(", ")}`;
  const some = ranked(given, candidates).slice(0, nearest);
  return `; the nearest of ${candidates.length} valid ${kind}: ${some.map(({ name }) => name).join(", ")}`;
}

/** The name that was meant; undefined: none of them is like it. */
export function nearMiss(given: string, candidates: readonly string[]): string | undefined {
  const [best] = ranked(given, candidates);
  if (best === undefined || given === "") return undefined;
  const near = best.distance <= Math.max(2, given.length / 3) || best.shared === given.length;
  return near ? best.name : undefined;
}

/** Nearest first. */
function ranked(given: string, candidates: readonly string[]) {
  return candidates
    .map((name) => ({ name, distance: distance(given, name), shared: sharedPrefix(given, name) }))
    .sort((a, b) => a.distance - b.distance || b.shared - a.shared);
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

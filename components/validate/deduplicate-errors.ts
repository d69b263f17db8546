import type { ConfigError } from "../../model/errors/config-error.ts";

/** Many hosts alike share their errors: each is reported once, at the first of them. */
export function deduplicateErrors(errors: readonly ConfigError[]): ConfigError[] {
  const first = new Map<string, { error: ConfigError; more: number }>();
  for (const error of errors) {
    const key = `${error.path.split(".").at(-1)} ${error.reason}`;
    const found = first.get(key);
    first.set(key, found === undefined ? { error, more: 0 } : { ...found, more: found.more + 1 });
  }
  return [...first.values()].map(({ error, more }) => {
    if (more === 0) return error;
    const hosts = more === 1 ? "1 more host" : `${more} more hosts`;
    return { ...error, reason: `${error.reason} (and ${hosts})` };
  });
}

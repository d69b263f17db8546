/**
 * Whether one of the patterns stands for a unit: `*` and `?` as in a shell, the unit's suffix may be left out. The same judgement as
 * `runtime/remote/deploy/run-checks.sh` makes on the host.
 */
export function isIgnored(unit: string, patterns: readonly string[]): boolean {
  const short = unit.replace(/\.[^.]*$/, "");
  return patterns.map(expressionOf).some((pattern) => pattern.test(unit) || pattern.test(short));
}

function expressionOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}

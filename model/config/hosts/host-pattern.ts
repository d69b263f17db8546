import { expand } from "brace-expansion";
import type { ConfigError } from "../../errors/config-error.ts";
import { hostName } from "../settings/host-name.ts";

/** Most hosts that one entry of `fleet:hosts` may expand to. */
const most = 1000;

/** Whether a key of `fleet:hosts` is a pattern of names instead of one. */
function isPattern(key: string): boolean {
  return /[{}]/.test(key);
}

/**
 * Names that an entry of `fleet:hosts` expands to: itself; `web-1` to `web-3` for `web` with `count: 3`; what a shell makes of braces for
 * a pattern (bash(1), Brace Expansion), such as `{eu,us}-web` or `web-{01..12}`.
 */
export function hostNamesOf(key: string, count?: number): string[] {
  if (count !== undefined)
    return Array.from({ length: Math.min(count, most) }, (_, index) => `${key}-${index + 1}`);
  return isPattern(key) ? expand(key, { max: most + 1 }) : [key];
}

/** What is wrong with an entry's names. `path`: that of the entry. */
export function hostNameErrors(path: string, key: string, count?: number): ConfigError[] {
  if (isPattern(key) && count !== undefined)
    return [
      {
        path: `${path}.count`,
        reason: "cannot be combined with a pattern, which says how many hosts there are",
      },
    ];
  const names = hostNamesOf(key, count);
  if (names.length > most) return [{ path, reason: `expands to more than ${most} hosts` }];
  const reasons = names.flatMap((name) => {
    const reason = hostName.safeParse(name).error?.issues[0]?.message;
    if (reason === undefined) return [];
    return name === key ? `as a host name, ${reason}` : `the host name "${name}" ${reason}`;
  });
  // One name is reported for all: they differ in a number.
  return reasons.slice(0, 1).map((reason) => ({ path, reason }));
}

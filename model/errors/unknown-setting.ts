import { distance } from "fastest-levenshtein";
import { nearMiss, suggestion } from "./config-error.ts";

/** Settings that may be meant by a key that an object does not have. */
export interface KnownSettings {
  /** Those of the object itself. */
  readonly here: readonly string[];
  /** Those one level below and one level above. */
  readonly around: readonly NearbySetting[];
}

/** A setting of another object. */
export interface NearbySetting {
  readonly key: string;
  /** How it is written: `ssh.port` from the object on, or in full `fleet:hosts.web.location`. */
  readonly written: string;
}

/** A shorter part of a name is in many names. */
const shortestPart = 4;

/** What is wrong with a key that no object there has, and which setting may be meant. */
export function unknownSettingReason(key: string, { here, around }: KnownSettings): string {
  const elsewhere = (isMeant: (other: string) => boolean) =>
    [...new Set(around.filter((other) => isMeant(other.key)).map(({ written }) => written))].slice(0, 3);
  const near = nearMiss(key, here);
  const close = near !== undefined && distance(key, near) <= 1 ? [near] : [];
  const found = [
    close,
    elsewhere((other) => other === key),
    near === undefined ? [] : [near],
    here.filter((other) => holds(other, key)),
    elsewhere((other) => distance(other, key) <= 1 || holds(other, key)),
  ].find((names) => names.length > 0);
  const hint =
    found === undefined
      ? suggestion(key, here, "settings")
      : `; did you mean ${found.map((name) => `"${name}"`).join(" or ")}?`;
  return `is not a valid setting${hint}`;
}

/** Whether the key is a part of the name: `header` of `requestHeaders`. */
function holds(name: string, key: string): boolean {
  return key.length >= shortestPart && name.toLowerCase().includes(key.toLowerCase());
}

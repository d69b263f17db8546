/**
 * Parameters of a flake reference (`?dir=sub&rev=…`). Percent-encoded as RFC 3986 has it: unlike in HTML forms, which
 * `URLSearchParams` is designed for, `+` is a plus sign, and hashes and branch names are full of them.
 */
export type ReferenceQuery = ReadonlyMap<string, string>;

/** Splits a flake reference into what is before and after the first `?`. */
export function splitReference(reference: string): { location: string; query: ReferenceQuery } {
  const mark = reference.indexOf("?");
  if (mark === -1) return { location: reference, query: new Map() };
  const pairs = reference.slice(mark + 1).split("&");
  const entries = pairs.map((pair): [string, string] => {
    const [name = "", ...value] = pair.split("=");
    return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
  });
  return { location: reference.slice(0, mark), query: new Map(entries) };
}

/** The inverse: `location` with its parameters; empty values are left out. */
export function joinReference(location: string, query: ReferenceQuery): string {
  const pairs = [...query]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? location : `${location}?${pairs.join("&")}`;
}

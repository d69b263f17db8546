import prettyBytes from "pretty-bytes";

/** A size for people, in binary units: `1536` → `1.5 KiB`. */
export function describeBytes(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

/** A public key without its comment, which says nothing of the key; null for none. */
export function keyOf(line: string | undefined): string | null {
  return line === undefined ? null : line.split(" ").slice(0, 2).join(" ");
}

/** One setting of a host that its cloud does not offer. */
export interface InvalidChoice {
  /** Such as `serverType`. */
  readonly setting: string;
  /** What is wrong, and what there is. */
  readonly reason: string;
}

/** `a`, `a and b`, `a, b and c`, in the order of the alphabet. */
export function listOf(names: readonly string[]): string {
  const sorted = [...names].sort();
  const last = sorted.pop();
  if (last === undefined) return "none";
  return sorted.length === 0 ? last : `${sorted.join(", ")} and ${last}`;
}

/** Ports from the first to the last, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const highest = 65_535;

/** `80`, `8000-8010`. */
export function rangeOf(text: string): PortRange {
  const [from = Number.NaN, to = from] = text.split("-").map(Number);
  return { from, to };
}

/** The fewest ranges that hold the same ports, in order. Port 0 is none, and ranges that end before they begin are empty. */
export function joined(ranges: readonly PortRange[]): PortRange[] {
  const within = ranges
    .map(({ from, to }) => ({ from: Math.max(from, 1), to: Math.min(to, highest) }))
    .filter(({ from, to }) => from <= to)
    .sort((a, b) => a.from - b.from);
  const result: PortRange[] = [];
  for (const range of within) {
    const last = result.at(-1);
    if (last === undefined || range.from > last.to + 1) result.push(range);
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return result;
}

/** The ranges without single ports. */
export function without(ranges: readonly PortRange[], ports: readonly number[]): PortRange[] {
  return ports
    .reduce<readonly PortRange[]>(
      (rest, port) =>
        rest.flatMap(({ from, to }) =>
          port < from || port > to
            ? [{ from, to }]
            : [
                { from, to: port - 1 },
                { from: port + 1, to },
              ],
        ),
      ranges,
    )
    .filter(({ from, to }) => from <= to);
}

/** As clouds' firewalls take them: `80`, `8000-8010`. */
export function textsOf(ranges: readonly PortRange[]): string[] {
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`));
}

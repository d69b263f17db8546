/** Fewest names in a row that a range is written for. */
const shortestRange = 3;

interface Numbered {
  readonly name: string;
  readonly prefix: string;
  /** As written, `07` with its zero; empty: the name ends in no number. */
  readonly digits: string;
}

/**
 * Names of hosts for people, in their natural order and as short as an entry of `fleet:hosts` would put them: `db, web-{1..20}`. Each part
 * expands to its names as a pattern does (bash(1), Brace Expansion). Names that are given twice are listed once.
 */
export function formatHosts(names: readonly string[]): string {
  const ordered = inNaturalOrder([...new Set(names)]).map(split);
  return rows(ordered).map(shown).join(", ");
}

const naturalOrder = new Intl.Collator("en", { numeric: true });

/** The natural order of names: `web-2` before `web-10`. */
export function inNaturalOrder(names: readonly string[]): string[] {
  return names.toSorted(naturalOrder.compare);
}

function split(name: string): Numbered {
  const [, prefix, digits] = /^(.*?)(\d{1,9})$/.exec(name) ?? [];
  return { name, prefix: prefix ?? name, digits: digits ?? "" };
}

/** Runs of consecutive numbers behind one prefix. */
function rows(ordered: readonly Numbered[]): Numbered[][] {
  const found: Numbered[][] = [];
  for (const next of ordered) {
    const row = found.at(-1);
    if (row !== undefined && continues(row, next)) row.push(next);
    else found.push([next]);
  }
  return found;
}

/** A pattern whose first number has leading zeros pads all of them to its width, and no other does. */
function continues(row: readonly Numbered[], { prefix, digits }: Numbered): boolean {
  const [first, last] = [row[0], row.at(-1)];
  if (first === undefined || last === undefined || digits === "") return false;
  if (last.prefix !== prefix || last.digits === "" || Number(last.digits) + 1 !== Number(digits))
    return false;
  return isPadded(first.digits) ? digits.length === first.digits.length : !isPadded(digits);
}

function isPadded(digits: string): boolean {
  return digits.length > 1 && digits.startsWith("0");
}

function shown(row: readonly Numbered[]): string {
  const [first, last] = [row[0], row.at(-1)];
  if (first === undefined || last === undefined || row.length < shortestRange)
    return row.map(({ name }) => name).join(", ");
  return `${first.prefix}{${first.digits}..${last.digits}}`;
}

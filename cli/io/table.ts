import Table from "cli-table3";
import picocolors from "picocolors";

/** A table for people. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // The library colours whatever it writes to; a file or a pipe wants plain text.
  const colours = picocolors.isColorSupported
    ? { head: ["bold"], border: ["dim"] }
    : { head: [], border: [] };
  const table = new Table({ head: [...head], style: { ...colours, compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

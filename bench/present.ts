import Table from "cli-table3";
import { summarise } from "./measure/statistics.ts";
import { type Goal, isMet, type Report, type Series } from "./report.ts";

/** A report with where and when it was made. */
export interface DatedReport {
  readonly report: Report;
  /** `describeMachine`. */
  readonly machine: string;
  /** `2026-01-31`. */
  readonly date: string;
}

const head = ["", "median", "min", "max", "samples"];

/** For a terminal. */
export function asText({ report }: DatedReport): string {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right"],
  });
  for (const series of report.series) table.push(row(series));
  return [
    report.title,
    table.toString(),
    ...report.goals.map((goal) => goalLine(goal)),
    disturbance(report),
    "",
  ].join("\n");
}

/** A section of docs/benchmarks.md, without its markers. */
export function asMarkdown({ report, machine, date }: DatedReport): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `## ${report.title}`,
    "",
    report.about,
    "",
    line(head),
    line(["---", "---:", "---:", "---:", "---:"]),
    ...report.series.map((series) => line(row(series))),
    "",
    ...report.goals.map((goal) => `- ${goalLine(goal)}`),
    ...(report.goals.length > 0 ? [""] : []),
    ...(report.plots ?? []).flatMap(({ title }, index) => [`![${title}](${plotFile(report, index)})`, ""]),
    `${date}, ${machine}. ${disturbance(report)}`,
  ].join("\n");
}

/** Where the drawing of a plot lies, from the page. */
export function plotFile({ name }: Pick<Report, "name">, index: number): string {
  return `benchmarks/${name}${index === 0 ? "" : `-${index + 1}`}.svg`;
}

function row({ label, unit, samples }: Series): string[] {
  const { median, min, max } = summarise(samples);
  return [label, ...[median, min, max].map((value) => quantity(value, unit)), String(samples.length)];
}

/** Three significant digits, which is more than a machine with other work on it repeats. */
export function quantity(value: number, unit: Series["unit"]): string {
  const digits = Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return `${value.toFixed(Math.min(digits, 3))}${unit === "" ? "" : ` ${unit}`}`;
}

function goalLine(goal: Goal): string {
  return `${isMet(goal) ? "met" : "MISSED"}: ${goal.text} (measured ${quantity(goal.measured, "")}, goal ≤ ${goal.limit})`;
}

function disturbance({ disturbed }: Report): string {
  if (disturbed.of === 0) return "Counted, not timed.";
  if (disturbed.samples === 0) return "The machine was otherwise idle.";
  return `Other work kept the machine busy at the start of ${disturbed.samples} of ${disturbed.of} samples.`;
}

/**
 * Puts a section into a document, between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 * @throws Error when the document has no place for it
 */
export function replaceSection(document: string, name: string, section: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no section ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n${section}\n${document.slice(to)}`;
}

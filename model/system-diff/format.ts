import { describeBytes } from "../naming/format-bytes.ts";
import { shortSystem } from "../naming/short-system-name.ts";
import type { PackageChange } from "./closure-diff.ts";
import type { ActivationForecast, SystemComparison } from "./comparison.ts";
import type { UnitPlan } from "./unit-changes.ts";

/** Packages shown; a new release of nixpkgs changes hundreds. */
const longestList = 24;
const indent = "  ";
const labelWidth = 10;

/** A comparison for people: which system takes the place of which, and aligned lines below it, each after a line break. */
export function describeComparison(comparison: SystemComparison): {
  readonly head: string;
  readonly body: string;
} {
  const { before, after, packages, rebuilt, appearing, built, unbuilt, activation } = comparison;
  const lines = [
    ...labelled("packages", packageLines(packages)),
    ...labelled("appear", appearing.length === 0 ? [] : [appearingLine(appearing)]),
    ...labelled(
      "rebuilt",
      rebuilt === 0 ? [] : [`${count(rebuilt, "path")} of packages whose version stays`],
    ),
    ...(built === null ? [] : builtLines(built)),
    ...(activation === null ? [] : activationLines(activation)),
    ...labelled("unknown", unbuilt === null ? [] : [`size, units, reboot: ${unbuilt}`]),
  ];
  return {
    head: `${shortSystem(before)} → ${shortSystem(after)}`,
    body: lines.map((line) => `\n${line}`).join(""),
  };
}

function labelled(label: string, texts: readonly string[]): string[] {
  return texts.map((text, index) => `${indent}${(index === 0 ? label : "").padEnd(labelWidth)}${text}`);
}

function packageLines(packages: readonly PackageChange[]): string[] {
  if (packages.length === 0) return ["none changes its version"];
  const shown = packages.slice(0, longestList);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map((change) => `${change.name.padEnd(width)}  ${versions(change)}`);
  const more = packages.length - shown.length;
  return more === 0 ? lines : [...lines, `and ${more} more`];
}

/** Most of what only builds others is not of interest, so one line is enough. */
function appearingLine(appearing: readonly PackageChange[]): string {
  const shown = appearing.slice(0, 8).map(({ name, after }) => `${name} ${after.join(", ")}`);
  const more = appearing.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}, to run or only to build`;
}

function versions({ before, after }: PackageChange): string {
  if (before.length === 0) return `new, ${after.join(", ")}`;
  if (after.length === 0) return `removed, was ${before.join(", ")}`;
  return `${before.join(", ")} → ${after.join(", ")}`;
}

function builtLines({ files, size }: NonNullable<SystemComparison["built"]>): string[] {
  const changes = [
    ...(files.added === 0 ? [] : [`${files.added} new`]),
    ...(files.removed === 0 ? [] : [`${files.removed} removed`]),
  ];
  return [
    ...labelled("files", changes.length === 0 ? [] : [changes.join(", ")]),
    ...labelled(
      "size",
      size === null ? [] : [`${describeBytes(size.after)}, ${difference(size.difference)}`],
    ),
  ];
}

function activationLines({ units, reboot }: ActivationForecast): string[] {
  return [
    ...labelled("units", unitLines(units)),
    ...labelled("reboot", [reboot.length === 0 ? "not needed" : `needed for ${reboot.join(", ")}`]),
  ];
}

const verbs: readonly (readonly [keyof UnitPlan, string])[] = [
  ["stop", "stop"],
  ["restart", "restart"],
  ["reload", "reload"],
  ["start", "start"],
  ["keep", "keep, though changed:"],
];

function unitLines(units: UnitPlan): string[] {
  const lines = verbs.flatMap(([effect, verb]) =>
    units[effect].length === 0 ? [] : [`${verb} ${units[effect].join(", ")}`],
  );
  return lines.length === 0 ? ["none is touched"] : lines;
}

function difference(size: number): string {
  if (size === 0) return "as before";
  return `${describeBytes(Math.abs(size))} ${size > 0 ? "more" : "less"}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

import type { z } from "zod";
import { nearMiss } from "./config-error.ts";

type Issue = z.core.$ZodRawIssue;

/** Kinds of values, as people call them who write YAML. */
const kinds: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a map",
  record: "a map",
  string: "a text",
};

/** Said of a value that has none of the forms of its setting, whose schema says nothing in words of its own. */
export const noForm = "has none of the forms that docs/reference/configuration.md gives it";

/**
 * What is wrong with a value, for settings whose schema does not say it in words of its own. The value itself is never repeated: it
 * may be a secret at the wrong place.
 * @returns undefined: zod's own words will do
 */
export function reasonOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return typeReason(issue.input, kinds[issue.expected] ?? issue.expected);
    case "invalid_value":
      return choiceReason(issue.input, issue.values.map(String));
    case "invalid_union":
      return unionReason(issue);
    case "too_small":
      return `must ${amount(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum)}`;
    case "too_big":
      return `must ${amount(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum)}`;
    default:
      return undefined;
  }
}

function typeReason(input: unknown, wanted: string): string {
  if (input === undefined) return `is missing: must be ${wanted}`;
  if (input === null)
    return `is empty: must be ${wanted}${wanted === kinds["object"] ? "; {} is one that sets nothing" : ""}`;
  const given = kindOf(input, wanted);
  return given === undefined
    ? `must be ${wanted}`
    : `must be ${wanted}, and is ${given}${cure(input, wanted)}`;
}

/** undefined: what it is would not add anything. */
function kindOf(input: unknown, wanted: string): string | undefined {
  if (Array.isArray(input)) return kinds["array"];
  return typeof input === "number" && wanted.endsWith("number") ? undefined : kinds[typeof input];
}

/** What people most likely meant to write. */
function cure(input: unknown, wanted: string): string {
  if (wanted === kinds["array"] && typeof input !== "object") return ": put it in [ ]";
  if (wanted === kinds["string"] && typeof input !== "object") return ": put it in quotes";
  if (typeof input !== "string" || input.trim() === "") return "";
  const isMeant =
    wanted === kinds["boolean"]
      ? /^(true|false)$/.test(input)
      : wanted.endsWith("number") && Number.isFinite(Number(input));
  return isMeant ? ": take its quotes away" : "";
}

function choiceReason(input: unknown, values: readonly string[]): string {
  const wanted = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(", ")}`;
  if (input === undefined) return `is missing: ${wanted}`;
  const near = typeof input === "string" && values.length > 1 ? nearMiss(input, values) : undefined;
  return near === undefined ? wanted : `${wanted}; did you mean "${near}"?`;
}

function unionReason(issue: Issue & { readonly code: "invalid_union" }): string {
  const wanted = issue.errors.map(([first]) =>
    first?.code === "invalid_type" && first.path.length === 0 ? kinds[first.expected] : undefined,
  );
  return wanted.includes(undefined) ? noForm : typeReason(issue.input, wanted.join(" or "));
}

function amount(origin: string, bound: string, count: number | bigint): string {
  const limit = `${bound} ${count}`;
  if (origin === "string") return `have ${limit} ${Number(count) === 1 ? "character" : "characters"}`;
  return origin === "array" ? `have ${limit} ${Number(count) === 1 ? "entry" : "entries"}` : `be ${limit}`;
}

/** Labels and label selectors (https://docs.hetzner.cloud, "Labels" and "Label Selector"). */
import { z } from "zod";
import { invalidInput } from "./errors.ts";

const name = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
const prefix = String.raw`(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?`;
const keyPattern = new RegExp(`^${prefix}${name}$`);
const valuePattern = new RegExp(`^(?:${name})?$`);

const labelKey = z.string().regex(keyPattern, "is not a valid label key");
const labelValue = z.string().regex(valuePattern, "is not a valid label value");

/** Labels of a request body. */
export const labelsSchema = z.record(labelKey, labelValue);
export type Labels = Readonly<Record<string, string>>;

/** Decides whether a resource with these labels is selected. */
export type LabelSelector = (labels: Labels) => boolean;

type Requirement = LabelSelector;

/** Splits at commas outside parentheses. */
function splitRequirements(selector: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = "";
  for (const character of selector) {
    if (character === "," && depth === 0) {
      parts.push(current);
      current = "";
      continue;
    }
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    current += character;
  }
  return [...parts, current].map((part) => part.trim());
}

function fault(selector: string, part: string): Error {
  return invalidInput("label_selector", `'${part}' in '${selector}' is not a label requirement`);
}

function parseRequirement(selector: string, part: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(part);
  const presence = /^(!?)\s*(\S+)$/.exec(part);
  const key = set?.[1] ?? equality?.[1] ?? presence?.[2] ?? "";
  const values = (set?.[3]?.split(",") ?? [equality?.[3] ?? ""]).map((value) => value.trim());
  if (!keyPattern.test(key) || !values.every((value) => valuePattern.test(value))) {
    throw fault(selector, part);
  }
  if (set !== null) {
    const among: Requirement = (labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? "");
    return set[2] === "in" ? among : (labels) => !among(labels);
  }
  if (equality !== null) {
    const [value] = values;
    return equality[2] === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  return presence?.[1] === "!"
    ? (labels) => !Object.hasOwn(labels, key)
    : (labels) => Object.hasOwn(labels, key);
}

/**
 * Parses `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by commas.
 * Throws 422 invalid_input on anything else.
 */
export function parseLabelSelector(selector: string): LabelSelector {
  const requirements = splitRequirements(selector).map((part) => parseRequirement(selector, part));
  return (labels) => requirements.every((requirement) => requirement(labels));
}

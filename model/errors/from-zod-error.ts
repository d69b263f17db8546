import type { z } from "zod";
import { type ConfigError, errorPath } from "./config-error.ts";
import { type KnownSettings, unknownSettingReason } from "./unknown-setting.ts";
import { noForm } from "./zod-messages.ts";

type Issue = z.core.$ZodIssue;

interface Context {
  readonly root: string;
  readonly known: (path: readonly PropertyKey[]) => KnownSettings;
}

/** Turns zod's issues into errors; `known` gives the settings that an object at a path may have, and those around it. */
export function fromZodError(error: z.ZodError, root: string, known: Context["known"]): ConfigError[] {
  return error.issues.flatMap((issue) => errorsOf(issue, [], { root, known }));
}

function errorsOf(issue: Issue, above: readonly PropertyKey[], context: Context): ConfigError[] {
  const path = [...above, ...issue.path];
  const at = errorPath(context.root, path);
  switch (issue.code) {
    case "invalid_key":
      return issue.issues.map(({ message }) => ({ path: at, reason: message }));
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: errorPath(context.root, [...path, key]),
        reason: unknownSettingReason(key, context.known(path)),
      }));
    case "invalid_union": {
      const meant = issue.message === noForm ? meantForm(issue.errors) : undefined;
      if (meant !== undefined) return meant.flatMap((inner) => errorsOf(inner, path, context));
      break;
    }
  }
  return [{ path: at, reason: issue.message }];
}

/** The issues of the one form that is of the value's kind; undefined: none is, or several are. */
function meantForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = forms.filter(
    (issues) => !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

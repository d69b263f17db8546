import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";
import type { Closure } from "../../../model/system-diff/closure-diff.ts";

const storeFolder = "/nix/store";

const pathSchema = z.looseObject({ narSize: z.number().int().nonnegative() });
const invalid = z.null();

/**
 * What `nix path-info --json` prints: a list of objects that name their path (Nix < 2.19), an object by path (2.19 and newer), or an
 * object by base name below `info` (`--json-format 2`). A path the store does not have is null, or says `valid: false`.
 */
const listSchema = z.array(
  z.union([pathSchema.extend({ path: z.string() }), z.looseObject({ valid: z.literal(false) })]),
);
const byPathSchema = z.record(z.string().startsWith("/"), z.union([pathSchema, invalid]));
const byNameSchema = z.looseObject({
  version: z.number().int(),
  info: z.record(z.string(), z.union([pathSchema, invalid])),
});

/**
 * Reads the output of `nix path-info --json --recursive`, whatever version of Nix printed it.
 * @returns undefined when it is of no known form, or some path is not valid in the store
 */
export function parsePathInfo(text: string): Closure | undefined {
  const document = parseJson(text);
  const list = listSchema.safeParse(document);
  if (list.success)
    return sizes(
      list.data.map((entry) => [
        "path" in entry ? String(entry["path"]) : "",
        "narSize" in entry ? entry : null,
      ]),
    );
  const byName = byNameSchema.safeParse(document);
  if (byName.success)
    return sizes(Object.entries(byName.data.info).map(([name, info]) => [absolute(name), info]));
  const byPath = byPathSchema.safeParse(document);
  return byPath.success ? sizes(Object.entries(byPath.data)) : undefined;
}

/**
 * Derivation that a path was built from, out of `nix path-info --json` of this path alone.
 * @returns undefined when it is not known any more
 */
export function parseDeriver(text: string): string | undefined {
  const found = z.looseObject({ deriver: z.string() });
  const forms = [
    z.tuple([found]).transform(([entry]) => entry),
    z.looseObject({ info: z.record(z.string(), found) }).transform(({ info }) => Object.values(info)[0]),
    z.record(z.string(), found).transform((entries) => Object.values(entries)[0]),
  ];
  const document = parseJson(text);
  const deriver = forms
    .map((form) => form.safeParse(document).data?.deriver)
    .find((name) => name !== undefined);
  return deriver === undefined ? undefined : absolute(deriver);
}

/** Newer formats leave the store's folder out. */
export function absolute(name: string): string {
  return name.startsWith("/") ? name : `${storeFolder}/${name}`;
}

function sizes(
  entries: readonly (readonly [string, Readonly<Record<string, unknown>> | null])[],
): Closure | undefined {
  const closure = new Map<string, number>();
  for (const [path, info] of entries) {
    const size = info?.["narSize"];
    if (typeof size !== "number") return undefined;
    closure.set(path, size);
  }
  return closure;
}

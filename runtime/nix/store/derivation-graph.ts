import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";
import { absolute } from "./path-info.ts";

/** An output; without a path where it is only known once it is built (content-addressed). */
const outputsSchema = z.record(z.string(), z.looseObject({ path: z.string().nullish() }));

/** One derivation: sources next to the inputs (Nix < 2.32), or below them. */
const derivationSchema = z.looseObject({
  outputs: outputsSchema,
  inputSrcs: z.array(z.string()).optional(),
  inputs: z.looseObject({ srcs: z.array(z.string()).optional() }).optional(),
});

const derivationsSchema = z.record(z.string(), derivationSchema);
/** Newer versions wrap them. */
const wrappedSchema = z.looseObject({ version: z.number().int(), derivations: derivationsSchema });

/**
 * Reads the output of `nix derivation show --recursive`: all paths a build could consist of, which are the outputs and the sources of
 * every derivation.
 * @returns undefined when it is of no known form
 */
export function parseDerivationGraph(text: string): Set<string> | undefined {
  const document = parseJson(text);
  const wrapped = wrappedSchema.safeParse(document);
  const derivations = wrapped.success ? wrapped.data.derivations : derivationsSchema.safeParse(document).data;
  if (derivations === undefined) return undefined;
  const paths = new Set<string>();
  for (const { outputs, inputSrcs, inputs } of Object.values(derivations)) {
    for (const { path } of Object.values(outputs)) if (typeof path === "string") paths.add(absolute(path));
    for (const source of [...(inputSrcs ?? []), ...(inputs?.srcs ?? [])]) paths.add(absolute(source));
  }
  return paths;
}

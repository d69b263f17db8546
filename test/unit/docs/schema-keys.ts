import { z } from "zod";

/** One key of the configuration, as the reference names it. */
export interface SchemaKey {
  /** `hosts.<host>.firewall.tcp` */
  readonly path: string;
  /** Values a choice has; empty for any other type. */
  readonly choices: readonly string[];
}

/** Every key of an object schema, nested ones and entries of records included. */
export function schemaKeys(schema: z.ZodType, prefix = ""): SchemaKey[] {
  const inner = unwrap(schema);
  const at = (name: string) => (prefix === "" ? name : `${prefix}.${name}`);
  if (inner instanceof z.ZodObject)
    return Object.entries(z.record(z.string(), z.instanceof(z.ZodType)).parse(inner.shape)).flatMap(
      ([name, child]) => [{ path: at(name), choices: choicesOf(child) }, ...schemaKeys(child, at(name))],
    );
  // `hosts` has a `<host>`, `networks` a `<network>`; records that are not named here hold plain values.
  if (inner instanceof z.ZodRecord && unwrap(inner.valueType) instanceof z.ZodObject)
    return schemaKeys(typeOf(inner.valueType), at(`<${prefix.split(".").at(-1)?.slice(0, -1)}>`));
  return [];
}

function choicesOf(schema: z.ZodType): string[] {
  const inner = unwrap(schema);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

function unwrap(schema: unknown): z.ZodType {
  const type = typeOf(schema);
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault)
    return unwrap(type.unwrap());
  return type;
}

function typeOf(schema: unknown): z.ZodType {
  return z.instanceof(z.ZodType).parse(schema);
}

import type { z } from "zod";

/** The value of a JSON text; undefined where it is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads a document; a string says why it cannot be read. */
export function parseDocument<T extends object>(text: string, schema: z.ZodType<T>): T | string {
  const document = parseJson(text);
  if (document === undefined) return "it is not valid JSON";
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue?.path.join(".") || "it"}: ${issue?.message ?? "unknown form"}`;
}

/** JSON with sorted keys: equal values give equal text. */
export function stableJson(value: unknown, indent?: number): string {
  const sorted = (_key: string, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, sorted, indent);
}

import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";

/** Where a machine that is being taken over says so: on its disk, because the old system may restart meanwhile. */
export const infectRecordPath = "/etc/fleet/infect.json";

/** Mark of a take-over that has begun: whose it is. What is done is found by looking. */
const infectRecordSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  host: z.string(),
  installId: z.string().min(1),
});
export type InfectRecord = z.infer<typeof infectRecordSchema>;

/** Reads a record; a string says why it cannot be read. */
export function parseInfectRecord(text: string): InfectRecord | string {
  const document = parseJson(text);
  if (document === undefined) return "it is not valid JSON";
  const parsed = infectRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.message ?? "unknown form");
}

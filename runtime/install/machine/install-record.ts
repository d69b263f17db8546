import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";

/** Where the installer keeps the record: in memory, so that it ends with the installer. */
export const recordPath = "/run/fleet/install.json";

/** Steps of an install whose completion is recorded. */
export const recordedSteps = ["disko", "identity", "install"] as const;
export type RecordedStep = (typeof recordedSteps)[number];

/** Mark of a running install in the installer: whose it is, of what, and how far it came. */
const installRecordSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  host: z.string(),
  reinstall: z.string().nullable(),
  installId: z.string().min(1),
  toplevel: z.string(),
  disko: z.string(),
  /** Completed steps, in order. */
  done: z.array(z.enum(recordedSteps)),
});
export type InstallRecord = z.infer<typeof installRecordSchema>;

/** Reads a record; a string says why it cannot be read. */
export function parseRecord(text: string): InstallRecord | string {
  const document = parseJson(text);
  if (document === undefined) return "it is not valid JSON";
  const parsed = installRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.message ?? "unknown form");
}

import { z } from "zod";
import { goalSchema } from "../../fleet/protocol/deploy.ts";

/** Folder on the target for what outlives boots: history and the last confirmed system. */
export const recordFolder = "/var/lib/fleet";

/** What an operator asked for; kept in the history as it came. */
export const deployRequestSchema = z.strictObject({
  version: z.literal(1),
  /** `user@machine` */
  operator: z.string(),
  stack: z.string(),
  host: z.string(),
  goal: goalSchema,
  /** Revision of the flake, and whether its work tree differed from it. */
  revision: z.string().nullable(),
  dirty: z.boolean(),
});
export type DeployRequest = z.infer<typeof deployRequestSchema>;

/** How an attempt ended. `recorded`: the system ran already, its profile and boot entry were made sure of. */
export const attemptOutcomes = ["deployed", "staged", "tested", "checked", "recorded", "failed"] as const;
const attemptOutcomeSchema = z.enum(attemptOutcomes);

/** The step that failed. */
export const failureReasons = ["none", "busy", "activation", "confirmation", "commit"] as const;
const failureReasonSchema = z.enum(failureReasons);

/** Whether the old system is back: `with-errors`: it is, but its activation complained. */
export const reversals = ["not-needed", "yes", "with-errors", "no"] as const;
const reversalSchema = z.enum(reversals);

/** One line of `/var/lib/fleet/history.jsonl`, written by the supervisor on the host. */
export const historyEntrySchema = z.strictObject({
  version: z.literal(1),
  /** ISO 8601, by the host's clock. */
  time: z.string(),
  outcome: attemptOutcomeSchema,
  reason: failureReasonSchema,
  exitCode: z.number().int(),
  reverted: reversalSchema,
  from: z.string(),
  to: z.string(),
  /** What ran when the attempt ended. */
  current: z.string(),
  generation: z.number().int().nullable(),
  seconds: z.number(),
  request: deployRequestSchema,
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** `/var/lib/fleet/confirmed.json`: what this host should run, as confirmed last. */
export const confirmedRecordSchema = z.strictObject({
  version: z.literal(1),
  time: z.string(),
  system: z.string(),
  outcome: attemptOutcomeSchema,
  generation: z.number().int().nullable(),
});
export type ConfirmedRecord = z.infer<typeof confirmedRecordSchema>;

/** Result file of one attempt. */
export const attemptResultSchema = z.strictObject({
  outcome: attemptOutcomeSchema,
  reason: failureReasonSchema,
  "exit-code": z.coerce.number().int(),
  reverted: reversalSchema,
  current: z.string(),
  generation: z
    .string()
    .regex(/^(\d+|-)$/)
    .transform((text) => (text === "-" ? null : Number(text))),
  seconds: z.coerce.number(),
});
export type AttemptResult = z.infer<typeof attemptResultSchema>;

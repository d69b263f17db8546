import { z } from "zod";
import { checkOutcomeSchema } from "../../model/health/check-result.ts";
import { goalSchema } from "../../model/protocol/deploy.ts";

/** Folder on the target for what outlives boots: history and the last confirmed system. */
export const recordFolder = "/var/lib/fleet";

/** What brought a system onto a host: `pulumi up`; or `fleet rollback`, or a boot on trial that failed. */
const operations = ["deploy", "rollback"] as const;

/** What an operator asked for; kept in the history as it came. */
const deployRequestSchema = z.strictObject({
  version: z.literal(1),
  /** `user@machine` */
  operator: z.string(),
  stack: z.string(),
  host: z.string(),
  goal: goalSchema,
  /** Absent in older lines: a deployment. */
  operation: z.enum(operations).optional(),
  /** The `pulumi up` it belonged to, if any. */
  update: z.string().optional(),
  /** Revision of the flake, and whether its work tree differed from it. */
  revision: z.string().nullable(),
  dirty: z.boolean(),
  /** Phrases for the checks after the activation, those of the operator included. */
  checks: z.array(z.string()).optional(),
});
export type DeployRequest = z.infer<typeof deployRequestSchema>;

/** How an attempt ended. `unchanged`: the system ran already, its profile and boot entry were verified. @internal */
export const attemptOutcomes = ["deployed", "staged", "tested", "checked", "unchanged", "failed"] as const;
const attemptOutcomeSchema = z.enum(attemptOutcomes);

/** The step that failed. `inhibited` with `staged`: critical parts differ, so the system starts at the next boot. */
const failureReasons = [
  "none",
  "busy",
  "inhibited",
  "activation",
  "units",
  "check",
  "confirmation",
  "commit",
] as const;
const failureReasonSchema = z.enum(failureReasons);

/** Whether the old system is back: `with-errors`: it is, but its activation complained. */
const reversals = ["not-needed", "yes", "with-errors", "no"] as const;
const reversalSchema = z.enum(reversals);

const unitName = z.string();
const durationNames = ["activation", "health", "commit", "revert", "contact"] as const;

/** One line of `/var/lib/fleet/history.jsonl`, written by the supervisor on the host. What is optional older lines lack. */
export const historyEntrySchema = z.strictObject({
  version: z.literal(1),
  /** Nonce of the attempt. */
  attempt: z.string().optional(),
  /** ISO 8601, by the host's clock. */
  time: z.string(),
  outcome: attemptOutcomeSchema,
  reason: failureReasonSchema,
  exitCode: z.number().int(),
  reverted: reversalSchema,
  /** The host rebooted into the old system, as no operator reached it after it had rolled back. */
  rebooted: z.boolean().optional(),
  from: z.string(),
  to: z.string(),
  /** What ran when the attempt ended. */
  current: z.string(),
  generation: z.number().int().nullable(),
  seconds: z.number(),
  /** Seconds of each step that was taken. */
  durations: z.partialRecord(z.enum(durationNames), z.number()).optional(),
  /** Checks made on the host, by their place in the request. */
  checks: z
    .array(
      z.strictObject({ check: z.number().int(), outcome: z.enum(["ok", "failed"]), seconds: z.number() }),
    )
    .optional(),
  /** Units worse than before, and those of them whose failure does not count. */
  units: z.strictObject({ worse: z.array(unitName), ignored: z.array(unitName) }).optional(),
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

/** A unit in trouble: worse than before, worse but of no account, or as it was before. */
export const unitTroubleSchema = z.strictObject({
  verdict: z.enum(["worse", "ignored", "as-before"]),
  unit: unitName,
  why: z.string(),
});
export type UnitTrouble = z.infer<typeof unitTroubleSchema>;

/** How an attempt ended, as the supervisor reports it. */
export const attemptResultSchema = z.strictObject({
  outcome: attemptOutcomeSchema,
  reason: failureReasonSchema,
  exitCode: z.number().int(),
  reverted: reversalSchema,
  rebooted: z.boolean(),
  current: z.string(),
  generation: z.number().int().nullable(),
  seconds: z.number(),
  checks: z.array(checkOutcomeSchema),
  units: z.array(unitTroubleSchema),
});
export type AttemptResult = z.infer<typeof attemptResultSchema>;

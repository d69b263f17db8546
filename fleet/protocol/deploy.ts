import { z } from "zod";
import { buildPlanSchema } from "./build.ts";
import { connectionSchema, publicKeySchema, systemSchema } from "./connection.ts";

/** What activation should achieve, as `switch-to-configuration` names it. */
export const goals = ["switch", "boot", "test", "dry-activate"] as const;
export const goalSchema = z.enum(goals);
export type Goal = z.infer<typeof goalSchema>;

/** Seconds each step of a deployment may take. */
export const deployDeadlinesSchema = z.strictObject({
  contact: z.number().positive(),
  lock: z.number().positive(),
  build: z.number().positive(),
  copy: z.number().positive(),
  activate: z.number().positive(),
  confirm: z.number().positive(),
});

/** Standard input of `fleet internal deploy`, one JSON document. Holds secrets. */
export const deploySpecSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string().min(1),
  host: z.string().min(1),
  formerly: z.array(z.string()),
  connection: connectionSchema,
  hostKey: publicKeySchema,
  system: systemSchema,
  /** Where the system is built. */
  build: buildPlanSchema,
  /** True: the disk layout was changed by hand to what the configuration says (`disk: accept`). */
  acceptDisk: z.boolean(),
  goal: goalSchema,
  deadlines: deployDeadlinesSchema,
  logDirectory: z.string().startsWith("/"),
});
export type DeploySpec = z.infer<typeof deploySpecSchema>;

/** Standard output of `fleet internal deploy`: one JSON line, no secrets. */
export const deployResultSchema = z.strictObject({
  host: z.string(),
  /** `unchanged`: the system ran already and was only verified; `staged`: it runs after the next boot. */
  outcome: z.enum(["deployed", "unchanged", "staged", "checked"]),
  system: z.string(),
  previousSystem: z.string().nullable(),
  generation: z.number().int().nullable(),
  seconds: z.number(),
});
export type DeployResult = z.infer<typeof deployResultSchema>;

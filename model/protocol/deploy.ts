import { z } from "zod";
import { healthSchema, preDeploySchema } from "../health/check.ts";
import { publicationSchema } from "./binary-cache.ts";
import { buildPlanSchema } from "./build.ts";
import { connectionSchema, publicKeySchema, systemSchema } from "./connection.ts";

/** What activation should achieve, as `switch-to-configuration` names it. */
export const goalSchema = z.enum(["switch", "boot", "test", "dry-activate"]);
export type Goal = z.infer<typeof goalSchema>;

/** Seconds each step of a deployment may take. */
export const deployDeadlinesSchema = z.strictObject({
  contact: z.number().positive(),
  /** In place of `contact`, for a host that may be unreachable. */
  away: z.number().positive().optional(),
  lock: z.number().positive(),
  build: z.number().positive(),
  copy: z.number().positive(),
  activate: z.number().positive(),
  confirm: z.number().positive(),
  reboot: z.number().positive(),
});

/** When a host is rebooted after a deployment: when its kernel, initrd, modules or kernel parameters are not the booted ones; or each time. */
export const rebootPolicies = ["never", "ifNeeded", "always"] as const;

/** A command on the host before its reboot, for `sh -c` as root. Seconds. */
const drainSchema = z.strictObject({ run: z.string().min(1), timeout: z.number().positive() });

/** Which generations of the system's profile stay. */
const generationsSchema = z.strictObject({ keep: z.number().int().min(1).max(1000) });

/** Standard input of `fleet internal deploy`, one JSON document. Holds secrets. */
export const deploySpecSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string().min(1),
  host: z.string().min(1),
  aliases: z.array(z.string()),
  connection: connectionSchema,
  hostKey: publicKeySchema,
  system: systemSchema,
  /** Where the system is built. */
  build: buildPlanSchema,
  /** What happens to it between there and the host. */
  cache: publicationSchema,
  /** True: the disk layout was changed by hand to what the configuration says (`acceptDiskLayout: true`). */
  acceptDiskLayout: z.boolean(),
  goal: goalSchema,
  /** True: a host that does not answer leaves the deployment pending. Absent: it is a failure. */
  allowUnreachable: z.boolean().optional(),
  /** Identifies one `pulumi up`: what `fleet rollback --last-update` rolls back together. null: it belongs to none. */
  update: z.string().nullable(),
  /** What has to hold before anything is changed. */
  preDeploy: preDeploySchema,
  /** What has to hold after the activation. */
  health: healthSchema,
  /** Generations of the profile that stay at least; the active ones and the one to roll back to always do. */
  generations: generationsSchema,
  reboot: z.enum(rebootPolicies),
  drain: drainSchema.nullable(),
  deadlines: deployDeadlinesSchema,
  logDirectory: z.string().startsWith("/"),
});
export type DeploySpec = z.infer<typeof deploySpecSchema>;

/** How a host is deployed and rebooted, as configured. Changing it alone deploys nothing. May hold secrets. */
export const deploymentSettingsSchema = deploySpecSchema.pick({
  preDeploy: true,
  health: true,
  generations: true,
  reboot: true,
  drain: true,
});
export type DeploymentSettings = z.infer<typeof deploymentSettingsSchema>;

/** Standard output of `fleet internal deploy`: one JSON line, no secrets. */
export const deployResultSchema = z.strictObject({
  host: z.string(),
  /**
   * `unchanged`: the system ran already; `staged`: it runs after the next boot; `pending`: a host with `allowUnreachable` did not
   * answer, and nothing was done.
   */
  outcome: z.enum(["deployed", "unchanged", "staged", "checked", "pending"]),
  system: z.string(),
  previousSystem: z.string().nullable(),
  generation: z.number().int().nullable(),
  /** Kernel, initrd, modules or kernel parameters are not the booted ones, or critical parts differ. */
  rebootNeeded: z.boolean(),
  /** It was rebooted, and verified after it. */
  rebooted: z.boolean(),
  seconds: z.number(),
});
export type DeployResult = z.infer<typeof deployResultSchema>;

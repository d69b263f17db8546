import { z } from "zod";
import { connectionSchema, connectionSecrets, publicKeySchema } from "./connection.ts";

/** A machine that builds for others, and how it is reached. Holds the deploy key. */
const buildMachineSchema = z.strictObject({
  /** For people, and for SSH's own messages: letters, digits, ".", "_" and "-". */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  connection: connectionSchema,
  hostKey: publicKeySchema,
});
export type BuildMachine = z.infer<typeof buildMachineSchema>;

/** Where a host's system is to be built. `auto`: decided by the command, from what is there. */
export const buildPlanSchema = z.discriminatedUnion("on", [
  z.strictObject({ on: z.literal("auto") }),
  z.strictObject({ on: z.literal("local") }),
  z.strictObject({ on: z.literal("target") }),
  z.strictObject({ on: z.literal("machine"), machine: buildMachineSchema }),
]);
export type BuildPlan = z.infer<typeof buildPlanSchema>;

/** Everything in a plan that no log may show. */
export function buildSecrets(plan: BuildPlan): string[] {
  return plan.on === "machine" ? connectionSecrets(plan.machine.connection) : [];
}

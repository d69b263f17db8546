import { z } from "zod";
import { publicKeySchema } from "../../protocol/connection.ts";
import { address } from "./address.ts";

/** Settings that only an existing machine has. All of them belong to one machine: there are no defaults. */
export const existingSettings = z.strictObject({
  /** Where the machine answers. */
  address: address.optional(),
  /** SSH host key the machine shows before anything of ours is on it. */
  hostKey: publicKeySchema.optional(),
  /** Pin whatever key the machine shows first. */
  trustOnFirstUse: z.boolean().optional(),
  /** The machine is only sometimes on: once it is installed, deployments wait for it. */
  allowUnreachable: z.boolean().optional(),
});

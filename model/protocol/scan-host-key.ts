import { z } from "zod";
import { connectionSchema, jumpHopSchema, publicKeySchema } from "./connection.ts";

/** Standard input of `fleet internal scan-host-key`, one JSON document. Holds the deploy key where machines are in between. */
export const scanHostKeySpecSchema = z.strictObject({
  version: z.literal(1),
  host: z.string().min(1),
  address: connectionSchema.shape.address,
  port: connectionSchema.shape.port,
  /** Machines in between, and the deploy key that logs in there; absent: none. */
  through: z
    .strictObject({ jump: z.array(jumpHopSchema).min(1), privateKey: connectionSchema.shape.privateKey })
    .optional(),
  /** Seconds until an unreachable machine is given up. */
  timeoutSeconds: z.number().positive(),
});
export type ScanHostKeySpec = z.infer<typeof scanHostKeySpecSchema>;

/** Standard output of `fleet internal scan-host-key`: one JSON line. */
export const scanHostKeyResultSchema = z.strictObject({
  host: z.string(),
  /** The ssh-ed25519 host key the machine showed, without comment. */
  publicKey: publicKeySchema,
});
export type ScanHostKeyResult = z.infer<typeof scanHostKeyResultSchema>;

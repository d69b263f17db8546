import { z } from "zod";
import { publicKeySchema } from "../protocol/connection.ts";

/** RFC 1123 host name; not all digits at the end, so that no mistyped IPv4 address passes for one. */
const dnsName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i);

/** Settings that only a machine has that was there before. All of them belong to one machine: there are no defaults. */
export const existingSettings = z.strictObject({
  /** Where the machine answers. */
  address: z
    .union([z.ipv4(), z.ipv6(), dnsName], {
      error: "must be an IPv4 address, an IPv6 address without brackets, or a DNS name",
    })
    .optional(),
  /** SSH host key the machine shows before anything of ours is on it. */
  hostKey: publicKeySchema.optional(),
  /** Pin whatever key the machine shows first. */
  trustOnFirstUse: z.boolean().optional(),
});

import { z } from "zod";

/** Standard input of `fleet internal attach-volume` and `detach-volume`, one JSON document. `secretKey` is a secret. */
export const volumeSpecSchema = z.strictObject({
  version: z.literal(1),
  host: z.string().min(1),
  /** Name of the volume in the stack. */
  volume: z.string().min(1),
  cloud: z.literal("scaleway"),
  /** Base address of the API, such as `https://api.scaleway.com`. */
  endpoint: z.url({ protocol: /^https?$/ }),
  secretKey: z.string().min(1),
  /** Ids as the provider gives them: `fr-par-1/` and a UUID. */
  serverId: z.string().regex(/^[a-z0-9-]+\/[0-9a-f-]{36}$/, "is not a valid id of a Scaleway instance"),
  volumeId: z.string().regex(/^[a-z0-9-]+\/[0-9a-f-]{36}$/, "is not a valid id of a Scaleway volume"),
  /** Seconds until it is given up. */
  timeoutSeconds: z.number().positive(),
});
export type VolumeSpec = z.infer<typeof volumeSpecSchema>;

/** Standard output of `fleet internal attach-volume`: one JSON line. */
const volumeResultSchema = z.strictObject({ host: z.string(), volume: z.string() });
export type VolumeResult = z.infer<typeof volumeResultSchema>;

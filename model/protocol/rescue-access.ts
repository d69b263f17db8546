import { z } from "zod";

/** How an install reaches the rescue system and the reset button of a server. `token` is a secret. */
export const rescueAccessSchema = z.strictObject({
  cloud: z.literal("hetzner"),
  /** The server's id there. */
  serverId: z.string().regex(/^[1-9]\d*$/, "is not a valid id of a Hetzner server"),
  /** Base address of the API, such as `https://api.hetzner.cloud/v1`. */
  endpoint: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1),
  /** Id of the deploy key there: it opens the rescue system. */
  sshKeyId: z.string().regex(/^[1-9]\d*$/, "is not a valid id of an SSH key at Hetzner"),
  /** True: used to install (`bootstrap: rescue`). False: only used when a machine does not come back. */
  wanted: z.boolean(),
  /** File that keeps the rescue system's host key as long as it runs; absolute. */
  pinFile: z.string().startsWith("/"),
});
export type RescueAccess = z.infer<typeof rescueAccessSchema>;

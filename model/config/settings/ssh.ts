import { z } from "zod";
import { publicKeySchema } from "../../protocol/connection.ts";
import { address } from "./address.ts";
import { hostName } from "./host-name.ts";
import { secretName } from "./secrets.ts";

export const port = z.number().int().min(1).max(65535);
export const userName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, "is not a valid user name");

const hop = z.strictObject({
  /** A host of this fleet, which brings all the rest. */
  host: hostName.optional(),
  /** Where a machine that is not a host of this fleet answers, as seen from the hop before it. */
  address: address.optional(),
  port: port.optional(),
  user: userName.optional(),
  /** The only SSH host key it may show. */
  hostKey: publicKeySchema.optional(),
  /** Name of the secret that holds the private key to log in there; absent: the deploy key. */
  key: secretName.optional(),
});
/** One machine in between. `bastion` alone is short for `{ host: bastion }`. */
export type HopConfig = z.infer<typeof hop>;

/** Jump hosts of a host, in order; ssh itself starts a process for each. */
export const jumpSettings = z
  .array(z.preprocess((value) => (typeof value === "string" ? { host: value } : value), hop))
  .max(8);

/** Where a host that moves was reached before. */
export const previousSettings = z.strictObject({
  port: port.optional(),
  /** For machines whose address is in the configuration. */
  address: address.optional(),
});

/** How a host is logged in to where that differs from the stack's `ssh`. */
export const loginSettings = z.strictObject({
  user: userName.optional(),
  port: port.optional(),
  /** An empty list: it is reached directly. */
  jump: jumpSettings.optional(),
  previous: previousSettings.optional(),
});

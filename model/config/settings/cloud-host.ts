import { z } from "zod";
import { hostNetworks } from "./network.ts";

const reason = "must be a DNS name such as web.example.org; {host} is replaced by the host's name";

/** Full DNS name (RFC 1123), of two labels at least. */
const pointer = z
  .string(reason)
  .refine(
    (text) =>
      text.length <= 253 &&
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(
        text.replaceAll("{host}", "h"),
      ),
    reason,
  );

/** Settings of a single host in a cloud, whichever it is: each host has other ones, so there are no defaults. */
export const cloudHostSettings = z.strictObject({
  /** Private addresses, by network. */
  networks: hostNetworks.optional(),
  /** Names that the addresses lead back to: one for all of them, or one each. */
  reverseDns: z
    .union([pointer, z.strictObject({ ipv4: pointer.optional(), ipv6: pointer.optional() })])
    .optional(),
});

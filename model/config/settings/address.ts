import { z } from "zod";

/** RFC 1123 host name; not all digits at the end, so that no mistyped IPv4 address passes for one. */
const dnsName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i);

/** Where a machine answers. */
export const address = z.union([z.ipv4(), z.ipv6(), dnsName], {
  error: "must be an IPv4 address, an IPv6 address without brackets, or a DNS name",
});

import { z } from "zod";

/** RFC 1123 label, short enough for every name we derive from it (63 bytes with the longest suffix). */
const hostNamePattern = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Name of a host. */
export const hostName = z
  .string()
  .regex(hostNamePattern, "must be 1 to 40 of a-z, 0-9 and -, start with a letter and not end with -");

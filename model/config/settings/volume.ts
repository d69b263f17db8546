import { z } from "zod";
import { shortName } from "./network.ts";

const sizeReason = "must be a whole number of gigabytes within 10-10000";

/** Volumes that outlive the server: name → what it is. */
export const volumeSettings = z.record(
  shortName,
  z.strictObject({
    /** GB; it can only grow. */
    size: z.number(sizeReason).int(sizeReason).min(10, sizeReason).max(10_000, sizeReason),
  }),
  {
    error: ({ code }) =>
      code === "invalid_type" ? "must map names of volumes to their settings" : undefined,
  },
);

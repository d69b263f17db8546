import { z } from "zod";
import type { DeploySpec } from "../../protocol/deploy.ts";

/** Old generations of the system that stay. */
export const generationsSettings = z.strictObject({ keep: z.number().int().min(1).max(1000).optional() });

/** Applies the default: a host's own setting takes the place of the stack's. */
export function generationsOf(
  host: z.infer<typeof generationsSettings> = {},
  stack: z.infer<typeof generationsSettings> = {},
): DeploySpec["generations"] {
  return { keep: host.keep ?? stack.keep ?? 10 };
}

import { z } from "zod";
import { selectorPattern } from "../../naming/selector.ts";
import { duration } from "./duration.ts";

const selector = z
  .string()
  .regex(selectorPattern, 'must be the name of a host, or "@" and a tag, such as web or "@eu"');

const wave = z.union([selector, z.array(selector).min(1)], {
  error: 'must be the name of a host, "@" and a tag, or a list of such',
});

/** In which order, how many at once, and with which pauses hosts are deployed. */
export const rolloutSchema = z
  .strictObject({
    /** The first wave. */
    canary: z.array(selector).min(1).optional(),
    /** The waves after it, in order; hosts that none names come last. */
    waves: z.array(wave).default([]),
    /** Deployments at the same time. */
    maxParallel: z.number().int().min(1).max(1000).optional(),
    /** Time that every host of a wave runs its new system before the next wave begins. */
    soak: duration({ min: 0, max: 86_400 }).default(60),
  })
  .prefault({});

export type RolloutConfig = z.infer<typeof rolloutSchema>;

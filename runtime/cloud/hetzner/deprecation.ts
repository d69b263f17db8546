import { z } from "zod";

/** Of docs.hetzner.cloud: the end of something that is offered. Without a date nothing ends; the date may be in the future. */
export const deprecationSchema = z.object({ unavailable_after: z.iso.datetime({ offset: true }) }).nullish();

/** Whether it can no longer be ordered. `now`: milliseconds since 1970. */
export function hasEnded(end: z.infer<typeof deprecationSchema>, now: number): boolean {
  return end !== undefined && end !== null && Date.parse(end.unavailable_after) <= now;
}

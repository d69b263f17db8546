import { z } from "zod";

/**
 * How much a preview says of a changed system. `full` builds it, so that everything is known; `eval` says what follows from its
 * evaluation and builds nothing; `off` says nothing.
 */
const previewModes = ["full", "eval", "off"] as const;
export const previewModeSchema = z.enum(previewModes);
export type PreviewMode = z.infer<typeof previewModeSchema>;

/** What happens when a host no longer runs what was deployed to it. `off`: it is not even checked. */
const driftModes = ["report", "repair", "off"] as const;
export const driftModeSchema = z.enum(driftModes);
export type DriftMode = z.infer<typeof driftModeSchema>;

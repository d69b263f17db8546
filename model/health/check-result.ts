import { z } from "zod";
import { type Check, describeCheck } from "./check.ts";

/** How one check came out. */
export const checkOutcomeSchema = z.strictObject({
  /** Place among all checks of the specification. */
  check: z.number().int(),
  ok: z.boolean(),
  seconds: z.number(),
  /** What was seen, such as `status 503`. */
  seen: z.string(),
});
export type CheckOutcome = z.infer<typeof checkOutcomeSchema>;

/**
 * Reads what `runtime/remote/deploy/run-checks.sh` prints after `check`: `<index> ok|failed <seconds> <what was seen>`.
 * @throws ZodError for anything else
 */
export function parseCheck(line: string): CheckOutcome {
  const [index = "", outcome, seconds = "", ...seen] = line.split(" ");
  return checkOutcomeSchema.parse({
    check: /^\d+$/.test(index) ? Number(index) : undefined,
    ok: outcome === "ok" || (outcome === "failed" ? false : undefined),
    seconds: /^[\d.]+$/.test(seconds) ? Number(seconds) : undefined,
    seen: seen.join(" ").trim(),
  });
}

/** One line for messages: which check, and what was seen. */
export function describeOutcome({ check: index, seen }: CheckOutcome, checks: readonly Check[]): string {
  const check = checks[index];
  return `  ${check === undefined ? `check ${index + 1}` : describeCheck(check)}: ${seen}`;
}

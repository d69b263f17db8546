/** Facts an error of ours carries: enough for a person to act without reading a log. */
export interface StepFailure {
  /** Host concerned; absent for errors of the whole stack. */
  readonly host?: string | undefined;
  /** What was being done, as a noun: "contact", "copy of the closure". */
  readonly step: string;
  /** What was seen: the tool's own words, shortened. */
  readonly seen: string;
  /** What to do next, as an imperative sentence. */
  readonly next?: string | undefined;
  /** File that holds the full output. */
  readonly log?: string | undefined;
}

/** An error meant to be printed to the user as it is, without a stack trace. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly failure: StepFailure;

  constructor(failure: StepFailure, options?: ErrorOptions) {
    super(describeFailure(failure), options);
    this.failure = failure;
  }
}

/** One paragraph: what failed where, what was seen, what to do next, where the log is. */
function describeFailure(failure: StepFailure): string {
  const where = failure.host === undefined ? "" : `${failure.host}: `;
  const lines = [`${where}${failure.step} failed: ${failure.seen.trim()}`];
  if (failure.next !== undefined) lines.push(`  next: ${failure.next}`);
  if (failure.log !== undefined) lines.push(`  log:  ${failure.log}`);
  return lines.join("\n");
}

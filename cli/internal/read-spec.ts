import type { z } from "zod";
import { parseJson } from "../../model/json/json.ts";
import { createRedactor } from "../../runtime/platform/redactor.ts";
import { createReporter, type Reporter } from "../../runtime/platform/reporter.ts";
import { StepError } from "../../runtime/platform/step-error.ts";

/** What an internal command has in addition to its standard input. */
export interface InternalIo {
  readonly signal: AbortSignal;
  /** Receives progress lines; default: standard error. */
  readonly write?: (line: string) => void;
}

/**
 * Reads the specification of an internal command. Values never appear in the message: they may be secrets.
 * @param what such as "an install"
 * @throws StepError that lists all errors with their paths
 */
export function readSpec<Schema extends z.ZodType>(
  schema: Schema,
  input: string,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(input));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(document)"}: ${issue.message}`,
  );
  throw new StepError({
    step: `reading the specification of ${what}`,
    seen: ["standard input is not what this version expects", ...errors].join("\n"),
    next: "run this through `pulumi up`; program and command must have the same version",
  });
}

/** Whose work it is, where its log goes, and what must never be shown. */
export interface ReportedWork {
  readonly host: string;
  /** Part of the log's name. */
  readonly what: string;
  readonly logDirectory: string;
  readonly secrets: readonly string[];
}

/**
 * Does work that reports.
 * @throws StepError with every secret hidden, pointing to the log
 */
export async function withReporter<T>(
  { host, what, logDirectory, secrets }: ReportedWork,
  io: InternalIo,
  work: (reporter: Reporter) => Promise<T>,
): Promise<T> {
  const redact = createRedactor([...secrets]);
  const write = io.write === undefined ? {} : { write: io.write };
  const reporter = createReporter({ host, what, logDirectory, redact, ...write });
  try {
    return await work(reporter);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const failure = { ...error.failure, seen: redact(error.failure.seen) };
    reporter.detail(`${failure.step} failed: ${failure.seen}`);
    throw new StepError({ log: reporter.logFile, ...failure }, { cause: error });
  }
}

import { createRedactor } from "./redactor.ts";
import { createReporter, type Reporter } from "./reporter.ts";

/** A reporter for what the program itself does on a machine in order to evaluate there. */
export function openReporter(options: {
  readonly host: string;
  readonly logDirectory: string;
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
}): Reporter {
  const { secrets, ...rest } = options;
  return createReporter({ ...rest, what: "evaluate", redact: createRedactor([...secrets]) });
}

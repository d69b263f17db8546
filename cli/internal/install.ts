import { install } from "../../engine/install/install.ts";
import { createRedactor } from "../../engine/progress/redactor.ts";
import { createReporter } from "../../engine/progress/reporter.ts";
import { StepError } from "../../engine/step-error.ts";
import { type InstallResult, type InstallSpec, installSpecSchema } from "../../fleet/protocol/install.ts";

/** What an internal command has besides its standard input. */
export interface InternalIo {
  readonly signal: AbortSignal;
  /** Receives progress lines; default: standard error. */
  readonly write?: (line: string) => void;
}

/**
 * Runs `fleet internal install`.
 * @param input an `InstallSpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runInstall(input: string, io: InternalIo): Promise<InstallResult> {
  const spec = parseInstallSpec(input);
  const redact = createRedactor([spec.connection.privateKey, spec.hostKey.privateKey]);
  const reporter = createReporter({
    host: spec.host,
    what: "install",
    logDirectory: spec.logDirectory,
    redact,
    ...(io.write === undefined ? {} : { write: io.write }),
  });
  try {
    return await install(spec, { reporter, signal: io.signal });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const failure = { ...error.failure, seen: redact(error.failure.seen) };
    reporter.detail(`${failure.step} failed: ${failure.seen}`);
    throw new StepError({ log: reporter.logFile, ...failure }, { cause: error });
  }
}

/**
 * Reads the specification. Values never appear in the message: they may be secrets.
 * @throws StepError that lists all faults with their paths
 */
export function parseInstallSpec(input: string): InstallSpec {
  const parsed = installSpecSchema.safeParse(parseJson(input));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(document)"}: ${issue.message}`,
  );
  throw new StepError({
    step: "reading the specification of an install",
    seen: ["standard input is not what this version expects", ...faults].join("\n"),
    next: "run this through `pulumi up`; program and command must have the same version",
  });
}

function parseJson(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return undefined;
  }
}

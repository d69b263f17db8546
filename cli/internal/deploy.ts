import { deploy } from "../../engine/deploy/deploy.ts";
import { createRedactor } from "../../engine/progress/redactor.ts";
import { createReporter } from "../../engine/progress/reporter.ts";
import { StepError } from "../../engine/step-error.ts";
import { type DeployResult, type DeploySpec, deploySpecSchema } from "../../fleet/protocol/deploy.ts";

/** What an internal command has besides its standard input. */
export interface InternalIo {
  readonly signal: AbortSignal;
  /** Receives progress lines; default: standard error. */
  readonly write?: (line: string) => void;
}

/**
 * Runs `fleet internal deploy`.
 * @param input a `DeploySpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runDeploy(input: string, io: InternalIo): Promise<DeployResult> {
  const spec = parseDeploySpec(input);
  const redact = createRedactor([spec.connection.privateKey]);
  const reporter = createReporter({
    host: spec.host,
    what: "deploy",
    logDirectory: spec.logDirectory,
    redact,
    ...(io.write === undefined ? {} : { write: io.write }),
  });
  try {
    return await deploy(spec, { reporter, signal: io.signal });
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
export function parseDeploySpec(input: string): DeploySpec {
  const parsed = deploySpecSchema.safeParse(parseJson(input));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(document)"}: ${issue.message}`,
  );
  throw new StepError({
    step: "reading the specification of a deployment",
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

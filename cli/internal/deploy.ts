import { buildSecrets } from "../../model/protocol/build.ts";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import { type DeployResult, type DeploySpec, deploySpecSchema } from "../../model/protocol/deploy.ts";
import { deploy } from "../../runtime/deploy/deploy.ts";
import { type InternalIo, readSpec, withReporter } from "./read-spec.ts";

/**
 * Runs `fleet internal deploy`.
 * @param input a `DeploySpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runDeploy(input: string, io: InternalIo): Promise<DeployResult> {
  const spec = parseDeploySpec(input);
  const { host, logDirectory, connection, build, cache } = spec;
  const signingKeys = cache.signingKey === null ? [] : [cache.signingKey];
  const secrets = [...connectionSecrets(connection), ...buildSecrets(build), ...signingKeys];
  return await withReporter({ host, what: "deploy", logDirectory, secrets }, io, (reporter) =>
    deploy(spec, { reporter, signal: io.signal }),
  );
}

/** @throws StepError that lists all errors of the specification with their paths, and no value */
export function parseDeploySpec(input: string): DeploySpec {
  return readSpec(deploySpecSchema, input, "a deployment");
}

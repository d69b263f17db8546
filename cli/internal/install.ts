import { buildSecrets } from "../../model/protocol/build.ts";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import { type InstallResult, type InstallSpec, installSpecSchema } from "../../model/protocol/install.ts";
import { install } from "../../runtime/install/install.ts";
import { type InternalIo, readSpec, withReporter } from "./read-spec.ts";

/**
 * Runs `fleet internal install`.
 * @param input an `InstallSpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runInstall(input: string, io: InternalIo): Promise<InstallResult> {
  const spec = parseInstallSpec(input);
  const { host, logDirectory, connection, build, cache, hostKey, diskKeys, rescue } = spec;
  const secrets = [
    ...connectionSecrets(connection),
    ...buildSecrets(build),
    hostKey.privateKey,
    ...(cache.signingKey === null ? [] : [cache.signingKey]),
    ...Object.values(diskKeys),
    ...(rescue === null ? [] : [rescue.token]),
  ];
  return await withReporter({ host, what: "install", logDirectory, secrets }, io, (reporter) =>
    install(spec, { reporter, signal: io.signal }),
  );
}

/** @throws StepError that lists all errors of the specification with their paths, and no value */
export function parseInstallSpec(input: string): InstallSpec {
  return readSpec(installSpecSchema, input, "an install");
}

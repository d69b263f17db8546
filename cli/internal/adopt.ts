import { adoptSpecSchema } from "../../model/protocol/adopt.ts";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import type { InstallResult } from "../../model/protocol/install.ts";
import { adopt } from "../../runtime/install/adopt/adopt.ts";
import { type InternalIo, readSpec, withReporter } from "./read-spec.ts";

/**
 * Runs `fleet internal adopt`.
 * @param input an `AdoptSpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runAdopt(input: string, io: InternalIo): Promise<InstallResult> {
  const spec = readSpec(adoptSpecSchema, input, "an adoption");
  const { host, logDirectory, connection } = spec;
  const secrets = connectionSecrets(connection);
  return await withReporter({ host, what: "adopt", logDirectory, secrets }, io, (reporter) =>
    adopt({ spec, reporter, signal: io.signal }),
  );
}

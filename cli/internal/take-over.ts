import { connectionSecrets } from "../../model/protocol/connection.ts";
import type { InstallResult } from "../../model/protocol/install.ts";
import { takeOverSpecSchema } from "../../model/protocol/take-over.ts";
import { takeOver } from "../../runtime/install/take-over/take-over.ts";
import { type InternalIo, readSpec, withReporter } from "./read-spec.ts";

/**
 * Runs `fleet internal take-over`.
 * @param input a `TakeOverSpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runTakeOver(input: string, io: InternalIo): Promise<InstallResult> {
  const spec = readSpec(takeOverSpecSchema, input, "a take-over");
  const { host, logDirectory, connection } = spec;
  const secrets = connectionSecrets(connection);
  return await withReporter({ host, what: "take-over", logDirectory, secrets }, io, (reporter) =>
    takeOver({ spec, reporter, signal: io.signal }),
  );
}

import { connectionSecrets } from "../../model/protocol/connection.ts";
import { type GateResult, gateSpecSchema } from "../../model/protocol/gate.ts";
import { holdGate } from "../../runtime/operations/gate/gate.ts";
import { type InternalIo, readSpec, withReporter } from "./read-spec.ts";

/**
 * Runs `fleet internal gate`.
 * @param input a `GateSpec` as JSON
 * @throws StepError with every secret of the specification hidden
 */
export async function runGate(input: string, io: InternalIo): Promise<GateResult> {
  const spec = readSpec(gateSpecSchema, input, "a gate");
  const secrets = spec.hosts.flatMap(({ connection }) => connectionSecrets(connection));
  const work = { host: spec.wave, what: "gate", logDirectory: spec.logDirectory, secrets };
  return await withReporter(work, io, (reporter) => holdGate(spec, { reporter, signal: io.signal }));
}

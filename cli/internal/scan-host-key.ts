import { type ScanHostKeyResult, scanHostKeySpecSchema } from "../../model/protocol/scan-host-key.ts";
import { fingerprint } from "../../runtime/ssh/fingerprint.ts";
import { scanHostKey } from "../../runtime/ssh/scan-host-key.ts";
import { type InternalIo, readSpec } from "./read-spec.ts";

/**
 * Runs `fleet internal scan-host-key`: takes the key a machine shows for its own, and says which one that is.
 * @param input a `ScanHostKeySpec` as JSON
 * @throws StepError when the machine shows no key in time
 */
export async function runScanHostKey(input: string, io: InternalIo): Promise<ScanHostKeyResult> {
  const spec = readSpec(scanHostKeySpecSchema, input, "a host key scan");
  const { host, address, port, through, timeoutSeconds } = spec;
  const target = { host, address, port, ...(through === undefined ? {} : { through }) };
  const publicKey = await scanHostKey(target, { timeoutSeconds, signal: io.signal });
  const write = io.write ?? ((line) => process.stderr.write(`${line}\n`));
  write(`${host}: trusted on first use and pinned from now on: ${fingerprint(publicKey)} at ${address}`);
  return { host, publicKey };
}

import { type FirstContactResult, firstContactSpecSchema } from "../../model/protocol/scan-host-key.ts";
import { fingerprint } from "../../runtime/ssh/fingerprint.ts";
import { scanHostKey } from "../../runtime/ssh/scan-host-key.ts";
import { type InternalIo, readSpec } from "./read-spec.ts";

/**
 * Runs `fleet internal first-contact`: takes the key a machine shows for its own, and says which one that is.
 * @param input a `FirstContactSpec` as JSON
 * @throws StepError when the machine shows no key in time
 */
export async function runFirstContact(input: string, io: InternalIo): Promise<FirstContactResult> {
  const spec = readSpec(firstContactSpecSchema, input, "a first contact");
  const { host, address, port, through, timeoutSeconds } = spec;
  const target = { host, address, port, ...(through === undefined ? {} : { through }) };
  const publicKey = await scanHostKey(target, { timeoutSeconds, signal: io.signal });
  const write = io.write ?? ((line) => process.stderr.write(`${line}\n`));
  write(`${host}: trusted on first use and pinned from now on: ${fingerprint(publicKey)} at ${address}`);
  return { host, publicKey };
}

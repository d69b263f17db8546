/** Ranges of IPv4 addresses, as numbers. */
import { isIPv4 } from "node:net";
import { invalidArgument } from "../errors.ts";

export interface AddressRange {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

const largestPrefix = 32;

export function addressNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `10.0.0.0/24` → its first and last address. Throws 400 for what is not a network. */
export function parseRange(range: string): AddressRange {
  const [address = "", bits = ""] = range.split("/");
  const prefix = Number(bits);
  const wellFormed = isIPv4(address) && /^\d{1,2}$/.test(bits) && prefix <= largestPrefix;
  const size = 2 ** (largestPrefix - prefix);
  const first = addressNumber(address);
  if (!wellFormed || first % size !== 0)
    throw invalidArgument("subnets", `${range} is not a valid IPv4 network`);
  return { first, last: first + size - 1, prefix };
}

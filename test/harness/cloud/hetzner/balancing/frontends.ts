/** Where the load balancers of an emulated cloud listen. */
import { must } from "../../../machines/must.ts";

export interface Frontends {
  /** Makes addresses this process's to listen at. */
  claim(addresses: readonly string[]): Promise<void>;
  release(addresses: readonly string[]): Promise<void>;
}

/** Addresses on the bridge of the world that this process is in: test machines reach them, and the operator does. */
export const worldFrontends: Frontends = {
  claim: (addresses) =>
    batch(addresses.map((address) => `addr replace ${withLength(address)} dev br0${flags(address)}`)),
  release: (addresses) => batch(addresses.map((address) => `addr del ${withLength(address)} dev br0`)),
};

function withLength(address: string): string {
  return `${address}/${address.includes(":") ? 128 : 32}`;
}

function flags(address: string): string {
  return address.includes(":") ? " nodad" : "";
}

async function batch(lines: readonly string[]): Promise<void> {
  await must("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

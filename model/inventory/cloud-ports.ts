import type { OpenPorts } from "../firewall/open-ports.ts";
import { joined, type PortRange, rangeOf, textsOf, without } from "../firewall/port-ranges.ts";
import type { Ports } from "./ports.ts";

/** Which ports of a host its cloud's firewall lets in. */
export interface WantedPorts {
  /** Those that the stack's configuration names. */
  readonly named: Ports;
  /** Interface that faces the internet; null: unknown. */
  readonly publicInterface: string | null;
  /** Let in by rules of their own, from the networks that may reach SSH. */
  readonly ssh: readonly number[];
}

/**
 * Ports that the cloud's firewall opens to everybody: those the configuration names, and those the host's own firewall lets in through
 * every interface or the public one. A firewall that is off says nothing of which ports are meant: then only the named ones.
 */
export function portsInCloud(opened: OpenPorts, { named, publicInterface, ssh }: WantedPorts): Ports {
  const ofInterface = publicInterface === null ? undefined : opened.interfaces[publicInterface];
  const all = (protocol: "tcp" | "udp"): PortRange[] => {
    const own = opened.enable ? [...opened.everywhere[protocol], ...(ofInterface?.[protocol] ?? [])] : [];
    return joined([...named[protocol].map(rangeOf), ...own]);
  };
  return { tcp: textsOf(without(all("tcp"), ssh)), udp: textsOf(all("udp")) };
}

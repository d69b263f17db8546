import type { HostConfig } from "../config/schema.ts";
import type { OpenPorts } from "../firewall/open-ports.ts";
import { joined, type PortRange, rangeOf, textsOf, without } from "../firewall/port-ranges.ts";

/** Ports and ranges that everybody may reach, as texts (`80`, `8000-8010`), each once. */
export interface Ports {
  readonly tcp: readonly string[];
  readonly udp: readonly string[];
}

/** What a host's firewall in its cloud lets in. */
export interface HostPorts extends Ports {
  /** In addition to the ports named, those that its NixOS configuration opens; null: only the named ones. */
  readonly fromNixos: FromNixos | null;
}

interface FromNixos {
  /** Interface that faces the internet; null: ports of single interfaces are not opened. */
  readonly publicInterface: string | null;
}

export function portsOf(firewall: HostConfig["firewall"]): HostPorts {
  const texts = (ports: readonly (number | string)[] = []) => [...new Set(ports.map(String))];
  const publicInterface = firewall?.publicInterface ?? null;
  return {
    tcp: texts(firewall?.tcp),
    udp: texts(firewall?.udp),
    fromNixos: firewall?.fromNixos === true ? { publicInterface } : null,
  };
}

/** Which ports of a host its cloud's firewall lets in. */
interface WantedPorts {
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

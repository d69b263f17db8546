import type { HostConfig } from "../config/schema.ts";

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

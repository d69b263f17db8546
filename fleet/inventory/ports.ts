import type { HostConfig } from "../config/schema.ts";

/** Ports and ranges that everybody may reach, as texts (`80`, `8000-8010`), each once. */
export interface Ports {
  readonly tcp: readonly string[];
  readonly udp: readonly string[];
}

export function portsOf(firewall: HostConfig["firewall"]): Ports {
  const texts = (ports: readonly (number | string)[] = []) => [...new Set(ports.map(String))];
  return { tcp: texts(firewall?.tcp), udp: texts(firewall?.udp) };
}

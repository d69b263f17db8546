import type { HetznerHost, Inventory, ScalewayHost } from "../../model/inventory/inventory.ts";
import { stackLabels } from "../../model/naming/cloud-labels.ts";
import type { FirewallOpenings } from "../server/hetzner/firewall-rules.ts";

/** What everything at Hetzner that belongs to a host is labelled with. */
export function labelsOf({ name, labels }: HetznerHost, stack: string): Readonly<Record<string, string>> {
  return { ...stackLabels(stack), "fleet/host": name, ...labels };
}

/** What the cloud's firewall lets in, whatever runs on the host. Until a host has moved, its old port is the only way in. */
export function openingsOf(
  { login, previous, ports }: HetznerHost | ScalewayHost,
  { ssh }: Pick<Inventory, "ssh">,
): FirewallOpenings {
  const sshPorts = previous === null ? [login.port] : [login.port, previous.port];
  return { sshAllowedCidrs: ssh.allowedCidrs, sshPorts, tcp: ports.tcp, udp: ports.udp };
}

import type * as hcloud from "@pulumi/hcloud";

const everywhere = ["0.0.0.0/0", "::/0"];

/** What a host's firewall lets in. */
export interface FirewallOpenings {
  /** Networks that may reach SSH. */
  readonly sshSources: readonly string[];
  readonly sshPort: number;
  /** Ports or ranges ("8000-8010") open to everybody. */
  readonly tcp: readonly string[];
  readonly udp: readonly string[];
}

/** Inbound rules of Hetzner Cloud's firewall: SSH from the configured sources, ICMP, and the host's own ports. */
export function hetznerFirewallRules(openings: FirewallOpenings): hcloud.types.input.FirewallRule[] {
  const ssh = String(openings.sshPort);
  const open = (protocol: "tcp" | "udp", ports: readonly string[]) =>
    ports.map((port) => ({
      direction: "in",
      protocol,
      port,
      sourceIps: everywhere,
      description: `${protocol} ${port}`,
    }));
  return [
    { direction: "in", protocol: "tcp", port: ssh, sourceIps: [...openings.sshSources], description: "SSH" },
    { direction: "in", protocol: "icmp", sourceIps: everywhere, description: "ICMP" },
    ...open(
      "tcp",
      openings.tcp.filter((port) => port !== ssh),
    ),
    ...open("udp", openings.udp),
  ];
}

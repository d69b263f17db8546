import type * as hcloud from "@pulumi/hcloud";

/** Stock images, installers and rescue systems listen here, whatever the installed system does. */
export const imagePort = 22;
const everywhere = ["0.0.0.0/0", "::/0"];

/** What a host's firewall lets in. */
export interface FirewallOpenings {
  /** Networks that may reach SSH. */
  readonly sshAllowedCidrs: readonly string[];
  readonly sshPorts: readonly number[];
  /** Ports or ranges ("8000-8010") open to everyone. */
  readonly tcp: readonly string[];
  readonly udp: readonly string[];
}

/** Inbound rules of Hetzner Cloud's firewall: SSH from `ssh.allowedCidrs`, ICMP, and the host's own ports. */
export function hetznerFirewallRules(openings: FirewallOpenings): hcloud.types.input.FirewallRule[] {
  const ssh = [...new Set([...openings.sshPorts, imagePort])].map(String);
  const open = (protocol: "tcp" | "udp", ports: readonly string[]) =>
    ports.map((port) => ({
      direction: "in",
      protocol,
      port,
      sourceIps: everywhere,
      description: `${protocol} ${port}`,
    }));
  return [
    ...ssh.map((port) => ({
      direction: "in",
      protocol: "tcp",
      port,
      sourceIps: [...openings.sshAllowedCidrs],
      description: "SSH",
    })),
    { direction: "in", protocol: "icmp", sourceIps: everywhere, description: "ICMP" },
    ...open(
      "tcp",
      openings.tcp.filter((port) => !ssh.includes(port)),
    ),
    ...open("udp", openings.udp),
  ];
}

import type * as scaleway from "@pulumiverse/scaleway";
import type { FirewallOpenings } from "../hetzner/firewall-rules.ts";

type Rule = scaleway.types.input.instance.SecurityGroupInboundRule;

const imagePort = 22;
const everywhere = ["0.0.0.0/0", "::/0"];

/** Inbound rules of a Scaleway security group, whose policy drops the rest: SSH from `ssh.allowedCidrs`, ICMP, the host's own ports. */
export function scalewaySecurityRules(openings: FirewallOpenings): Rule[] {
  // Stock images and installers listen on 22, whatever the installed system does.
  const ssh = [...new Set([...openings.sshPorts, imagePort])].map(String);
  return [
    ...ssh.flatMap((port) => accept("TCP", openings.sshAllowedCidrs, port)),
    ...accept("ICMP", everywhere),
    ...openings.tcp.filter((port) => !ssh.includes(port)).flatMap((port) => accept("TCP", everywhere, port)),
    ...openings.udp.flatMap((port) => accept("UDP", everywhere, port)),
  ];
}

/** A rule has one range each. */
function accept(protocol: "TCP" | "UDP" | "ICMP", sources: readonly string[], port?: string): Rule[] {
  return sources.map((ipRange) => ({ action: "accept", protocol, ipRange, ...portOf(port) }));
}

function portOf(port: string | undefined): Pick<Rule, "port" | "portRange"> {
  if (port === undefined) return {};
  return port.includes("-") ? { portRange: port } : { port: Number(port) };
}

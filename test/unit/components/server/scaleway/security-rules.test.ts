import { describe, expect, it } from "vitest";
import { scalewaySecurityRules } from "../../../../../components/server/scaleway/security-rules.ts";

const office = ["203.0.113.0/24", "2001:db8::/32"];

function told(openings: Parameters<typeof scalewaySecurityRules>[0]): string[] {
  return scalewaySecurityRules(openings).map(
    ({ action, protocol, port, portRange, ipRange }) =>
      `${action} ${protocol} ${port ?? portRange ?? "-"} from ${ipRange}`,
  );
}

describe("rules of a security group", () => {
  it("let SSH in from its sources alone, on the image's port and on the host's", () => {
    expect(told({ sshAllowedCidrs: office, sshPorts: [2222], tcp: [], udp: [] })).toEqual([
      "accept TCP 2222 from 203.0.113.0/24",
      "accept TCP 2222 from 2001:db8::/32",
      "accept TCP 22 from 203.0.113.0/24",
      "accept TCP 22 from 2001:db8::/32",
      "accept ICMP - from 0.0.0.0/0",
      "accept ICMP - from ::/0",
    ]);
  });

  it("let everybody in on the host's own ports and ranges, never on SSH's", () => {
    const rules = told({
      sshAllowedCidrs: ["203.0.113.7/32"],
      sshPorts: [22],
      tcp: ["22", "80"],
      udp: ["5000-5010"],
    });
    expect(rules).toEqual([
      "accept TCP 22 from 203.0.113.7/32",
      "accept ICMP - from 0.0.0.0/0",
      "accept ICMP - from ::/0",
      "accept TCP 80 from 0.0.0.0/0",
      "accept TCP 80 from ::/0",
      "accept UDP 5000-5010 from 0.0.0.0/0",
      "accept UDP 5000-5010 from ::/0",
    ]);
  });
});

/** Rules of a firewall, as request bodies give them. */
import { z } from "zod";
import { isNetwork } from "../ip.ts";
import type { FirewallRule } from "../state.ts";

const mostRules = 50;

const port = z.string().refine((text) => {
  if (text === "any") {
    return true;
  }
  const [low, high = low] = text.split("-").map(Number);
  return (
    /^\d+(-\d+)?$/.test(text) &&
    low !== undefined &&
    high !== undefined &&
    low >= 1 &&
    low <= high &&
    high <= 65535
  );
}, "must be a port, a range such as 80-85, or any");
const networks = z.array(z.string().refine(isNetwork, "must be a network in CIDR notation"));

const ruleSchema = z
  .strictObject({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port: port.nullish(),
    source_ips: networks.default([]),
    destination_ips: networks.default([]),
    description: z.string().max(255).nullish(),
  })
  .refine((rule) => (rule.port != null) === ["tcp", "udp"].includes(rule.protocol), {
    path: ["port"],
    message: "is needed for tcp and udp, and for nothing else",
  })
  .refine((rule) => (rule.direction === "in" ? rule.source_ips : rule.destination_ips).length > 0, {
    message: "needs source_ips if inbound, destination_ips if outbound",
  })
  .transform(
    (rule): FirewallRule => ({ ...rule, port: rule.port ?? null, description: rule.description ?? null }),
  );

/** Rules of a firewall, missing fields filled in as the API answers them. */
export const rulesSchema = z.array(ruleSchema).max(mostRules);

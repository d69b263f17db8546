import { expand } from "brace-expansion";
import { z } from "zod";
import { containsNetwork, parseIpv4Network, privateNetworks } from "../../network/ipv4-network.ts";
import { hetznerNetworkZones } from "./hetzner-names.ts";
import { scalewayRegions } from "./scaleway-names.ts";

/** Name of a private network, a volume or a placement group: short enough for every name that is derived from it. */
export const shortName = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/,
    "must be 1 to 20 of a-z, 0-9 and -, start with a letter and not end with -",
  );

/** RFC 1918. */
const privateRange = z
  .string()
  .refine((text) => parseIpv4Network(text) !== undefined, "must be an IPv4 network such as 10.0.0.0/16")
  .refine((text) => {
    const network = parseIpv4Network(text);
    return network === undefined || privateNetworks.some((outer) => containsNetwork(outer, network));
  }, "must be in a private range: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)");

/** A private network of the stack, as it is written. */
export const networkSchema = z
  .strictObject({
    provider: z.enum(["hetzner", "scaleway"]).optional(),
    /** The whole network; Hetzner's alone. */
    range: privateRange.optional(),
    /** What hosts have their addresses of. */
    subnet: privateRange.optional(),
    /** Hetzner's network zone. */
    zone: z.enum(hetznerNetworkZones).optional(),
    /** Scaleway's region. */
    region: z.enum(scalewayRegions).optional(),
  })
  .superRefine((network, context) => {
    const errors = network.provider === "scaleway" ? scalewayErrors(network) : hetznerErrors(network);
    for (const [path, message] of errors) context.addIssue({ code: "custom", path: [path], message });
  });

/** The private networks of a stack. */
export const networksSchema = z.record(shortName, networkSchema, {
  error: ({ code }) => (code === "invalid_type" ? "must map names of networks to their settings" : undefined),
});
export type NetworkSettings = z.infer<typeof networkSchema>;

const most = 1001;

/** Private addresses of a host, or of the hosts an entry expands to, in their order: network → addresses. */
export const hostNetworks = z.record(
  z.string(),
  z
    .union([z.string(), z.array(z.string()).min(1)], { error: "must be an address or a list of them" })
    .transform((given, context) => {
      const addresses = typeof given === "string" ? expand(given, { max: most }) : given;
      const wrong = addresses.findIndex((address) => !z.ipv4().safeParse(address).success);
      if (wrong !== -1 || addresses.length === 0)
        context.addIssue({
          code: "custom",
          path: typeof given === "string" ? [] : [wrong],
          message: "must be an IPv4 address, or a pattern such as 10.0.1.{11..13}",
        });
      return addresses;
    }),
  { error: ({ code }) => (code === "invalid_type" ? "must map names of networks to addresses" : undefined) },
);
export type HostNetworks = z.infer<typeof hostNetworks>;

type Found = readonly [key: string, reason: string];

/** Sizes: docs.hetzner.cloud, Networks. */
function hetznerErrors({ range, subnet, region }: Partial<Record<string, string>>): Found[] {
  const errors: Found[] = [];
  if (region !== undefined)
    errors.push(["region", 'is a setting of provider "scaleway"; Hetzner has a zone']);
  if (range === undefined) return [...errors, ["range", "is missing: the whole network, 10.0.0.0/16 say"]];
  const whole = parseIpv4Network(range);
  // What is not a network is reported as such.
  if (whole === undefined) return errors;
  if (whole.bits > 24) errors.push(["range", "is too small: /24 is the least at Hetzner"]);
  const part = subnet === undefined ? undefined : parseIpv4Network(subnet);
  if (part === undefined) return errors;
  if (part.bits > 30) errors.push(["subnet", "is too small: /30 is the least at Hetzner"]);
  if (!containsNetwork(whole, part)) errors.push(["subnet", `must be in the network's range, ${range}`]);
  return errors;
}

/** Sizes: www.scaleway.com/en/docs/vpc. */
function scalewayErrors({ range, subnet, zone }: Partial<Record<string, string>>): Found[] {
  const errors: Found[] = [];
  if (range !== undefined)
    errors.push(["range", 'is a setting of provider "hetzner"; a network at Scaleway is its subnet']);
  if (zone !== undefined) errors.push(["zone", 'is a setting of provider "hetzner"; Scaleway has a region']);
  if (subnet === undefined)
    return [...errors, ["subnet", "is missing: what addresses are taken of, 172.16.8.0/22 say"]];
  const { bits } = parseIpv4Network(subnet) ?? { bits: 22 };
  if (bits < 20 || bits > 29) errors.push(["subnet", "must be between /20 and /29 at Scaleway"]);
  return errors;
}

import { z } from "zod";
import { selectorPattern } from "../../naming/selector.ts";
import { cloudHostSettings } from "./cloud-host.ts";
import { duration } from "./duration.ts";
import { hetznerSettings } from "./hetzner.ts";
import { hetznerLocations } from "./hetzner-names.ts";
import { shortName } from "./network.ts";

const protocols = ["tcp", "http", "https"] as const;

const port = z.number("must be a port within 1-65535").int().min(1).max(65_535);

/** Times within limits of Hetzner's API (docs.hetzner.cloud, Load Balancer Actions). */
const seconds = (min: number, max: number) => duration({ min, max, whole: true });

const checkSchema = z.strictObject({
  protocol: z.enum(protocols).optional(),
  port: port.optional(),
  interval: seconds(3, 60).optional(),
  timeout: seconds(1, 60).optional(),
  retries: z.number().int().min(1).max(5).optional(),
  /** Of http and https: */
  path: z.string().startsWith("/", "must start with /").optional(),
  domain: z.string().min(1).optional(),
  response: z.string().min(1).optional(),
  statusCodes: z
    .array(z.string().regex(/^[1-5][0-9?]{2}$/, 'must be a status code such as "200" or "2??"'))
    .min(1)
    .optional(),
});

const stickySchema = z.strictObject({
  cookie: z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "is not a valid cookie name")
    .optional(),
  lifetime: seconds(30, 86_400).optional(),
});

const serviceSchema = z.strictObject({
  protocol: z.enum(protocols),
  /** Port of the balancer; not set: the protocol's own. */
  listen: port.optional(),
  /** Port of the targets. */
  destination: port.optional(),
  proxyProtocol: z.boolean().optional(),
  stickySessions: z.union([z.boolean(), stickySchema]).optional(),
  /** Ids at Hetzner. */
  certificates: z
    .array(z.number("must be the id of a certificate at Hetzner").int().positive())
    .min(1, "must name at least one")
    .optional(),
  redirectHttp: z.boolean().optional(),
  healthCheck: checkSchema.optional(),
});
export type BalancerServiceSettings = z.infer<typeof serviceSchema>;

/** A load balancer of the stack at Hetzner, as it is written. */
const balancerSchema = z.strictObject({
  type: z
    .string()
    .regex(/^lb\d{1,3}$/, "is not a valid load balancer type, such as lb11")
    .optional(),
  location: z.enum(hetznerLocations).optional(),
  algorithm: z.enum(["round_robin", "least_connections"]).optional(),
  /** Hosts, and `@` with tags of hosts. */
  targets: z
    .array(z.string().regex(selectorPattern, 'must be the name of a host, or "@" and a tag, such as "@web"'))
    .min(1, "must name at least one host or tag"),
  /** Private network in which the targets are reached. */
  network: z.string().optional(),
  /** Its own address there. */
  privateAddress: z.ipv4("must be an IPv4 address").optional(),
  services: z.array(serviceSchema).min(1, "must name at least one service"),
  ...cloudHostSettings.pick({ reverseDns: true }).shape,
  ...hetznerSettings.pick({ labels: true, deleteProtection: true }).shape,
  /** Pulumi's protection. */
  protect: z.boolean().optional(),
});
export type BalancerSettings = z.infer<typeof balancerSchema>;

/** What is left of a load balancer whose invalid settings are left out. */
export const partialBalancerSchema = balancerSchema.partial();
export type PartialBalancer = z.infer<typeof partialBalancerSchema>;

/** The load balancers of a stack. */
export const balancersSchema = z.record(shortName, balancerSchema, {
  error: ({ code }) =>
    code === "invalid_type" ? "must map names of load balancers to their settings" : undefined,
});

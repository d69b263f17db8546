/** Ranges, subnets and routes of a private network: what fits and what does not. */
import { z } from "zod";
import { networkZones } from "../catalog/locations.ts";
import { ApiError, invalidInput } from "../errors.ts";
import {
  containsAddress,
  containsNetwork,
  type Ipv4Network,
  ipv4ToNumber,
  networkSize,
  numberToIpv4,
  overlap,
  parseIpv4Network,
} from "../ip.ts";
import type { Project } from "../project.ts";
import type { NetworkRecord, Subnet } from "../state.ts";

export const cidr = z
  .string()
  .refine((text) => parseIpv4Network(text) !== null, "must be an IPv4 network in CIDR notation");
const defaultSubnetBits = 24;
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** RFC 1918. */
export const privateCidr = cidr.refine(
  (text) => privateRanges.some((range) => containsNetwork(parsedRange(range), parsedRange(text))),
  "must be a private range (RFC 1918)",
);

export const subnetSchema = z.strictObject({
  // Subnets of type vswitch couple with dedicated hardware, which the emulation does not have.
  type: z.enum(["cloud", "server"]),
  network_zone: z.enum(networkZones),
  ip_range: cidr.optional(),
  gateway: z.string().optional(),
});
export const routeSchema = z.strictObject({ destination: cidr, gateway: z.ipv4() });

/** Parsed form of a range that has been validated before. */
export function parsedRange(text: string): Ipv4Network {
  const network = parseIpv4Network(text);
  if (network === null) {
    throw invalidInput("ip_range", "must be an IPv4 network in CIDR notation");
  }
  return network;
}

function freeSubnetRange(network: NetworkRecord): string {
  const whole = parsedRange(network.ipRange);
  const bits = Math.max(defaultSubnetBits, whole.bits);
  const taken = network.subnets.map((subnet) => parsedRange(subnet.ip_range));
  const size = networkSize({ base: 0, bits });
  for (let base = whole.base; containsAddress(whole, base); base += size) {
    if (!taken.some((other) => overlap(other, { base, bits }))) {
      return `${numberToIpv4(base)}/${bits}`;
    }
  }
  throw invalidInput("ip_range", "no free subnet is left in the network");
}

export function toSubnet(network: NetworkRecord, body: z.output<typeof subnetSchema>): Subnet {
  const text = body.ip_range ?? freeSubnetRange(network);
  const whole = parsedRange(network.ipRange);
  const range = parsedRange(text);
  if (!containsNetwork(whole, range)) {
    throw invalidInput("ip_range", `${text} is not inside ${network.ipRange}`);
  }
  if (network.subnets.some((other) => overlap(parsedRange(other.ip_range), range))) {
    throw invalidInput("ip_range", `${text} overlaps another subnet`);
  }
  const gateway = networkGateway(network.ipRange);
  return { type: body.type, network_zone: body.network_zone, ip_range: text, gateway };
}

/** Router of a network: the first address of its range. */
export function networkGateway(range: string): string {
  return numberToIpv4(parsedRange(range).base + 1);
}

export function addRoute(network: NetworkRecord, body: z.output<typeof routeSchema>): void {
  if (network.routes.some((other) => other.destination === body.destination)) {
    throw invalidInput("destination", `${body.destination} has a route already`);
  }
  if (!containsAddress(parsedRange(network.ipRange), ipv4ToNumber(body.gateway))) {
    throw invalidInput("gateway", `${body.gateway} is not inside ${network.ipRange}`);
  }
  network.routes.push(body);
}

export function removeSubnet(project: Project, network: NetworkRecord, ipRange: string): void {
  const subnet = network.subnets.find((candidate) => candidate.ip_range === ipRange);
  if (subnet === undefined) {
    throw new ApiError(404, "not_found", `network ${network.id} has no subnet ${ipRange}`);
  }
  const range = parsedRange(subnet.ip_range);
  const servers = [...project.state.servers.values()].flatMap((server) => server.privateNets);
  const balancers = [...project.state.load_balancers.values()].flatMap(({ privateNet }) => privateNet ?? []);
  const inUse = [...servers, ...balancers].some(
    (attachment) => attachment.network === network.id && containsAddress(range, ipv4ToNumber(attachment.ip)),
  );
  if (inUse) {
    // The provider looks for these words (`internal/network/resource_subnet.go`).
    throw new ApiError(409, "service_error", "cannot remove subnet because servers are attached to it");
  }
  network.subnets = network.subnets.filter((candidate) => candidate !== subnet);
}

export function removeRoute(network: NetworkRecord, body: z.output<typeof routeSchema>): void {
  const kept = network.routes.filter(
    (candidate) => candidate.destination !== body.destination || candidate.gateway !== body.gateway,
  );
  if (kept.length === network.routes.length) {
    throw new ApiError(404, "not_found", `network ${network.id} has no route to ${body.destination}`);
  }
  network.routes = kept;
}

export function changeRange(network: NetworkRecord, text: string): void {
  const range = parsedRange(text);
  if (!containsNetwork(range, parsedRange(network.ipRange))) {
    throw invalidInput("ip_range", "a network can only be extended");
  }
  network.ipRange = text;
}

/** Servers in private networks: attaching, detaching, alias addresses. */
import { z } from "zod";
import { ApiError, invalidInput } from "../errors.ts";
import { containsAddress, ipv4ToNumber, networkSize, numberToIpv4 } from "../ip.ts";
import type { Project } from "../project.ts";
import type { NetworkRecord, PrivateNet, ServerRecord, Subnet } from "../state.ts";
import { parsedRange } from "./network-ranges.ts";
import { idSchema } from "./shared.ts";

/** Networks one server may be in. */
const mostNetworksPerServer = 3;

export const attachSchema = z.strictObject({
  network: idSchema,
  ip: z.ipv4().optional(),
  /** Range of the subnet to take the address from. */
  ip_range: z.string().optional(),
  alias_ips: z.array(z.ipv4()).default([]),
});
export const detachSchema = z.strictObject({ network: idSchema });
export const aliasSchema = z.strictObject({ network: idSchema, alias_ips: z.array(z.ipv4()) });

export type AttachRequest = z.output<typeof attachSchema>;

function usedAddresses(project: Project, network: NetworkRecord): Set<string> {
  const attachments = [...project.state.servers.values()]
    .flatMap((server) => server.privateNets)
    .filter((attachment) => attachment.network === network.id);
  const gateways = network.subnets.map((subnet) => subnet.gateway);
  return new Set([...gateways, ...attachments.flatMap(({ ip, aliasIps }) => [ip, ...aliasIps])]);
}

function eligibleSubnets(server: ServerRecord, network: NetworkRecord, request: AttachRequest): Subnet[] {
  const { ip, ip_range: range } = request;
  return network.subnets.filter(
    (subnet) =>
      subnet.network_zone === server.location.network_zone &&
      (range === undefined || subnet.ip_range === range) &&
      (ip === undefined || containsAddress(parsedRange(subnet.ip_range), ipv4ToNumber(ip))),
  );
}

function freeAddress(subnets: readonly Subnet[], used: ReadonlySet<string>): string {
  for (const subnet of subnets) {
    const range = parsedRange(subnet.ip_range);
    for (let offset = 1; offset < networkSize(range) - 1; offset += 1) {
      const candidate = numberToIpv4(range.base + offset);
      if (!used.has(candidate)) {
        return candidate;
      }
    }
  }
  throw new ApiError(409, "no_subnet_available", "no address is left in the subnets of the network");
}

/** A locally administered MAC address (IEEE 802) that follows from the ids. */
function macAddress(server: number, network: number): string {
  const number = ((server * 65_537 + network) % 0xffffff).toString(16).padStart(6, "0");
  return `86:00:00:${number.match(/../g)?.join(":")}`;
}

/** What attaching would add; throws without changing anything. */
export function planAttachment(project: Project, server: ServerRecord, request: AttachRequest): PrivateNet {
  const network = project.get("networks", request.network);
  if (server.privateNets.some((attachment) => attachment.network === network.id)) {
    throw new ApiError(422, "server_already_attached", `server is attached to network ${network.id} already`);
  }
  if (server.privateNets.length >= mostNetworksPerServer) {
    throw new ApiError(
      403,
      "resource_limit_exceeded",
      `a server is in ${mostNetworksPerServer} networks at most`,
    );
  }
  const subnets = eligibleSubnets(server, network, request);
  if (subnets.length === 0) {
    throw new ApiError(409, "no_subnet_available", `network ${network.id} has no fitting subnet`);
  }
  const used = usedAddresses(project, network);
  const wanted = [...(request.ip === undefined ? [] : [request.ip]), ...request.alias_ips];
  requireFree(wanted, used);
  return {
    network: network.id,
    ip: request.ip ?? freeAddress(subnets, new Set([...used, ...wanted])),
    aliasIps: request.alias_ips,
    mac: macAddress(server.id, network.id),
  };
}

function requireFree(wanted: readonly string[], used: ReadonlySet<string>): void {
  const taken = wanted.find((ip) => used.has(ip));
  if (taken !== undefined) {
    throw new ApiError(422, "ip_not_available", `IP ${taken} is not available`);
  }
}

function attachmentOf(server: ServerRecord, network: number): PrivateNet {
  const attachment = server.privateNets.find((candidate) => candidate.network === network);
  if (attachment === undefined) {
    throw new ApiError(404, "not_found", `server ${server.id} is not attached to network ${network}`);
  }
  return attachment;
}

export function detachNetwork(server: ServerRecord, network: number): void {
  const attachment = attachmentOf(server, network);
  server.privateNets = server.privateNets.filter((candidate) => candidate !== attachment);
}

export function changeAliases(
  project: Project,
  server: ServerRecord,
  request: z.output<typeof aliasSchema>,
): void {
  const attachment = attachmentOf(server, request.network);
  const network = project.get("networks", request.network);
  const outside = request.alias_ips.find(
    (ip) =>
      !network.subnets.some((subnet) => containsAddress(parsedRange(subnet.ip_range), ipv4ToNumber(ip))),
  );
  if (outside !== undefined) {
    throw invalidInput("alias_ips", `${outside} is in no subnet of the network`);
  }
  const used = usedAddresses(project, network);
  for (const own of attachment.aliasIps) {
    used.delete(own);
  }
  requireFree(request.alias_ips, used);
  attachment.aliasIps = request.alias_ips;
}

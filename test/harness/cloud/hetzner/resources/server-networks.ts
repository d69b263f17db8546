/** Servers in private networks: attaching, detaching, alias addresses. */
import { z } from "zod";
import { ApiError, invalidInput } from "../errors.ts";
import { containsAddress, ipv4ToNumber } from "../ip.ts";
import type { Project } from "../project.ts";
import type { PrivateNet, ServerRecord } from "../state.ts";
import { addressFor, requireFree, usedAddresses } from "./network-addresses.ts";
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
  const { ip, ip_range: ipRange, alias_ips: aliasIps } = request;
  const zone = server.location.network_zone;
  return {
    network: network.id,
    ip: addressFor(project, network, { zone, ip, ipRange, aliasIps }),
    aliasIps,
    mac: macAddress(server.id, network.id),
  };
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

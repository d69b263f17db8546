/** Addresses of private networks: which are taken, and what a newcomer gets. */
import type { NetworkZone } from "../catalog/locations.ts";
import { ApiError } from "../errors.ts";
import { containsAddress, ipv4ToNumber, networkSize, numberToIpv4 } from "../ip.ts";
import type { Project } from "../project.ts";
import type { NetworkRecord, Subnet } from "../state.ts";
import { parsedRange } from "./network-ranges.ts";

/** Who comes into a network. */
export interface Newcomer {
  readonly zone: NetworkZone;
  /** The address it wants; undefined: any. */
  readonly ip?: string | undefined;
  /** Range of the subnet to take the address from. */
  readonly ipRange?: string | undefined;
  /** Further addresses it wants. */
  readonly aliasIps?: readonly string[];
}

/** Every address of a network that somebody has. */
export function usedAddresses(project: Project, network: NetworkRecord): Set<string> {
  const attachments = [...project.state.servers.values()]
    .flatMap((server) => server.privateNets)
    .filter((attachment) => attachment.network === network.id);
  const balancers = [...project.state.load_balancers.values()].flatMap(({ privateNet }) =>
    privateNet?.network === network.id ? [privateNet.ip] : [],
  );
  const gateways = network.subnets.map((subnet) => subnet.gateway);
  return new Set([
    ...gateways,
    ...balancers,
    ...attachments.flatMap(({ ip, aliasIps }) => [ip, ...aliasIps]),
  ]);
}

/** The address a newcomer gets. Throws 409 without a fitting subnet or a free address, 422 if what it wants is taken. */
export function addressFor(project: Project, network: NetworkRecord, newcomer: Newcomer): string {
  const { zone, ip, ipRange, aliasIps = [] } = newcomer;
  const subnets = network.subnets.filter(
    (subnet) =>
      subnet.network_zone === zone &&
      (ipRange === undefined || subnet.ip_range === ipRange) &&
      (ip === undefined || containsAddress(parsedRange(subnet.ip_range), ipv4ToNumber(ip))),
  );
  if (subnets.length === 0) {
    throw new ApiError(409, "no_subnet_available", `network ${network.id} has no fitting subnet`);
  }
  const used = usedAddresses(project, network);
  const wanted = [...(ip === undefined ? [] : [ip]), ...aliasIps];
  requireFree(wanted, used);
  return ip ?? freeAddress(subnets, new Set([...used, ...wanted]));
}

export function requireFree(wanted: readonly string[], used: ReadonlySet<string>): void {
  const taken = wanted.find((ip) => used.has(ip));
  if (taken !== undefined) {
    throw new ApiError(422, "ip_not_available", `IP ${taken} is not available`);
  }
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

/** Flexible IPs as IPAM shows them, where single addresses of an IPv6 network get their names. */
import { z } from "zod";
import { regionOfZone } from "../catalog.ts";
import { invalidArgument } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import type { IpRecord } from "../state.ts";

/** At most one: more than one has nobody here. */
export const reverses = z
  .array(z.strictObject({ hostname: z.string().min(1), address: z.union([z.ipv4(), z.ipv6()]) }))
  .max(1);

function find(project: Project, region: string, id: string): IpRecord | undefined {
  const ip = project.state.ips.get(id);
  return ip !== undefined && regionOfZone(ip.zone) === region ? ip : undefined;
}

function prefixOf({ ip }: IpRecord): string {
  return ip.slice(0, ip.indexOf("::") + 1);
}

/** undefined: the id is of no flexible IP in the region. */
export function flexibleAddress(project: Project, region: string, id: string): object | undefined {
  const ip = find(project, region, id);
  if (ip === undefined) return undefined;
  const resource = { type: "instance_server", id: ip.server, mac_address: null, name: null };
  return {
    id: ip.id,
    address: ip.type === "routed_ipv4" ? `${ip.ip}/32` : ip.ip,
    project_id: project.id,
    is_ipv6: ip.type === "routed_ipv6",
    created_at: ip.created,
    updated_at: ip.modified,
    source: { zonal: ip.zone },
    resource: ip.server === null ? null : resource,
    tags: ip.tags,
    reverses: ip.reverse === null ? [] : [{ hostname: ip.reverse, address: ip.named ?? ip.ip }],
    region,
    zone: ip.zone,
  };
}

/** Throws 400 for an address outside of the IP. A name that does not lead to the address is taken and left out, as the real cloud does. */
export function nameFlexibleAddress(
  project: Project,
  region: string,
  id: string,
  [wanted]: z.output<typeof reverses>,
): void {
  const ip = find(project, region, id);
  if (ip === undefined) throw invalidArgument("reverses", "are for flexible IPs here");
  if (wanted !== undefined && wanted.address !== ip.ip && !wanted.address.startsWith(prefixOf(ip)))
    throw invalidArgument("reverses", `${wanted.address} is not of ${ip.ip}`);
  const resolves = wanted !== undefined && project.names.get(wanted.hostname) === wanted.address;
  ip.reverse = resolves ? wanted.hostname : null;
  ip.named = resolves ? wanted.address : null;
  ip.modified = timestamp();
}

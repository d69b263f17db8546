/** Flexible IPs: addresses that outlive servers and move between them while they run. */
import { z } from "zod";
import { invalidArgument, preconditionFailed } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { IpRecord, ServerRecord } from "../state.ts";
import { applyAddresses } from "./machine-control.ts";

const base = "/instance/v1/zones/:zone/ips";

function view(project: Project, ip: IpRecord): object {
  const server = ip.server === null ? undefined : project.state.servers.get(ip.server);
  const ipv4 = ip.type === "routed_ipv4";
  return {
    id: ip.id,
    address: ipv4 ? ip.ip : null,
    prefix: ipv4 ? null : ip.ip,
    reverse: ip.reverse,
    server: server === undefined ? null : { id: server.id, name: server.name },
    organization: project.id,
    project: project.id,
    zone: ip.zone,
    type: ip.type,
    state: server === undefined ? "detached" : "attached",
    tags: ip.tags,
    ipam_id: ip.id,
  };
}

/** Addresses of a server, in the order in which they were attached. */
export function ipsOf(project: Project, server: ServerRecord): IpRecord[] {
  return [...project.state.ips.values()]
    .filter((ip) => ip.server === server.id)
    .sort((a, b) => a.attachedAs - b.attachedAs);
}

/** Throws 412 if another server has it. */
export function attachIp(project: Project, ip: IpRecord, server: ServerRecord): void {
  if (ip.server !== null && ip.server !== server.id)
    throw preconditionFailed("ip_not_attached", `${ip.ip} is attached to another server`);
  ip.server = server.id;
  ip.attachedAs = project.nextAttachment();
}

async function moveTo(project: Project, ip: IpRecord, target: string | null): Promise<void> {
  const before = ip.server === null ? undefined : project.state.servers.get(ip.server);
  if (target === null) ip.server = null;
  const after = target === null ? undefined : project.get("servers", ip.zone, target);
  if (after !== undefined) attachIp(project, ip, after);
  for (const server of new Set([before, after])) {
    if (server !== undefined) await applyAddresses(project, server);
  }
}

/** A reverse must resolve to the address beforehand: the real cloud asks the DNS. */
function setReverse(project: Project, ip: IpRecord, reverse: string | null): void {
  if (reverse !== null && project.names.get(reverse) !== ip.ip)
    throw invalidArgument(
      "reverse",
      `Your reverse must resolve. Ensure the command 'dig +short ${reverse}' matches your IP address '${ip.ip}'.`,
    );
  ip.reverse = reverse;
}

export function ipRoutes(project: Project): Route[] {
  const ips = project.state.ips;
  const type = z.enum(["routed_ipv4", "routed_ipv6"]);
  const tags = z.array(z.string());
  return [
    route({
      method: "POST",
      path: base,
      body: z.strictObject({ project: z.uuid().optional(), type, tags: tags.optional() }),
      handle: ({ zone, body }) => {
        project.requireOwn(body.project);
        project.requireRoom("ips");
        const ip: IpRecord = {
          ...project.resource(zone, "", body.tags),
          type: body.type,
          ip: project.allocateAddress(body.type === "routed_ipv4" ? "ipv4" : "ipv6"),
          reverse: null,
          named: null,
          server: null,
          attachedAs: 0,
        };
        ips.set(ip.id, ip);
        return { status: 201, body: { ip: view(project, ip) } };
      },
    }),
    plainRoute("GET", `${base}/:id`, ({ zone, id }) => ({
      status: 200,
      body: { ip: view(project, project.get("ips", zone, id)) },
    })),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: z.strictObject({
        server: z.uuid().nullable().optional(),
        reverse: z.string().min(1).nullable().optional(),
        tags: tags.optional(),
      }),
      handle: async ({ zone, id, body }) => {
        const ip = project.get("ips", zone, id);
        if (body.reverse !== undefined) setReverse(project, ip, body.reverse);
        if (body.server !== undefined) await moveTo(project, ip, body.server);
        ip.tags = body.tags ?? ip.tags;
        ip.modified = timestamp();
        return { status: 200, body: { ip: view(project, ip) } };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, async ({ zone, id }) => {
      const ip = project.get("ips", zone, id);
      await moveTo(project, ip, null);
      ips.delete(ip.id);
      project.releaseAddress(ip.ip);
      return { status: 204, body: null };
    }),
  ];
}

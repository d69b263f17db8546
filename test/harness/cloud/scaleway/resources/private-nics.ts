/** Network cards of servers in private networks, with addresses that were reserved before. */
import { z } from "zod";
import { regionOfZone } from "../catalog.ts";
import { invalidArgument, preconditionFailed } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { creationRoute, lookRoute, plainRoute, type Route, readRoute, route } from "../route.ts";
import type { PrivateNicRecord, ReservedAddressRecord } from "../state.ts";
import { applyNics } from "./machine-control.ts";
import { nicsOf } from "./private-cards.ts";

const base = "/instance/v2alpha1/zones/:zone/private-network-interfaces";

/** Cards a server may have. */
const mostPerServer = 8;

function view(project: Project, nic: PrivateNicRecord): object {
  return {
    id: nic.id,
    private_network_id: nic.network,
    project_id: project.id,
    server_id: nic.server,
    security_group_id: "",
    mac_address: nic.mac,
    status: nic.status,
    ip_ids: nic.addresses,
    tags: nic.tags,
    created_at: nic.created,
    updated_at: nic.modified,
  };
}

/** As version 1 shows it within a server. */
export function privateNicView(nic: PrivateNicRecord): object {
  return {
    id: nic.id,
    private_network_id: nic.network,
    server_id: nic.server,
    mac_address: nic.mac,
    state: nic.status === "available" ? "available" : "syncing",
    creation_date: nic.created,
    modification_date: nic.modified,
    zone: nic.zone,
    tags: nic.tags,
    ipam_ip_ids: nic.addresses,
  };
}

/** Takes a card out. Its addresses stay reserved. */
export function removeNic(project: Project, nic: PrivateNicRecord): void {
  for (const address of project.state.reserved_addresses.values()) {
    if (address.nic === nic.id) address.nic = null;
  }
  project.state.private_nics.delete(nic.id);
}

const creation = z.strictObject({
  private_network_id: z.uuid(),
  project_id: z.uuid(),
  server_id: z.uuid(),
  // Without one, the real cloud reserves addresses itself.
  ip_ids: z.array(z.uuid()).min(1, "the emulation reserves none by itself"),
  tags: z.array(z.string()),
});

/** Throws 400 for an address of another network, 412 for one that is in use. */
function requireUsable(address: ReservedAddressRecord, network: string): ReservedAddressRecord {
  if (address.network !== network)
    throw invalidArgument("ip_ids", `${address.name} is of another private network`);
  if (address.nic !== null) throw preconditionFailed("ip_not_attached", `${address.name} is in use`);
  return address;
}

/** Throws 400, 403, 404 or 412 before anything is made. */
function create(project: Project, zone: string, body: z.output<typeof creation>): PrivateNicRecord {
  project.requireOwn(body.project_id);
  project.requireRoom("private_nics");
  const region = regionOfZone(zone);
  const server = project.get("servers", zone, body.server_id);
  const network = project.get("private_networks", region, body.private_network_id);
  const others = nicsOf(project, server);
  if (others.length >= mostPerServer || others.some((nic) => nic.network === network.id))
    throw preconditionFailed("private_nic_limit", `${server.name} takes no further card in ${network.name}`);
  const addresses = body.ip_ids.map((id) =>
    requireUsable(project.get("reserved_addresses", region, id), network.id),
  );
  const nic: PrivateNicRecord = {
    ...project.resource(zone, "", body.tags),
    server: server.id,
    network: network.id,
    mac: project.newMac("02"),
    addresses: addresses.map(({ id }) => id),
    status: "attaching",
  };
  for (const address of addresses) address.nic = nic.id;
  project.state.private_nics.set(nic.id, nic);
  project.later(async () => {
    try {
      await applyNics(project, server);
      nic.status = "available";
      nic.modified = timestamp();
    } catch (error) {
      server.stateDetail = error instanceof Error ? error.message : String(error);
    }
  });
  return nic;
}

export function privateNicRoutes(project: Project): Route[] {
  const find = (zone: string, id: string) => project.get("private_nics", zone, id);
  return [
    creationRoute(base, creation, ({ zone, body }) => view(project, create(project, zone, body))),
    readRoute(
      base,
      z.strictObject({
        order_by: z.literal("created_at_desc"),
        project_id: z.uuid(),
        server_ids: z.uuid(),
      }),
      ({ zone, query }) => {
        project.requireOwn(query.project_id);
        const nics = nicsOf(project, project.get("servers", zone, query.server_ids));
        return {
          status: 200,
          body: {
            private_network_interfaces: nics.map((nic) => view(project, nic)),
            total_count: nics.length,
          },
        };
      },
    ),
    lookRoute(base, ({ zone, id }) => view(project, find(zone, id))),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: creation.pick({ tags: true }),
      handle: ({ zone, id, body }) => {
        const nic = find(zone, id);
        nic.tags = body.tags;
        nic.modified = timestamp();
        return { status: 200, body: view(project, nic) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, async ({ zone, id }) => {
      const nic = find(zone, id);
      removeNic(project, nic);
      await applyNics(project, project.get("servers", zone, nic.server));
      return { status: 204, body: null };
    }),
  ];
}

/** IPAM: addresses of private networks that are reserved before something has them, and outlive it. */
import { isIPv4 } from "node:net";
import { z } from "zod";
import { invalidArgument, preconditionFailed } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { creationRoute, lookRoute, plainRoute, type Route, readRoute, route } from "../route.ts";
import type { PrivateNetworkRecord, ReservedAddressRecord } from "../state.ts";
import { flexibleAddress, nameFlexibleAddress, reverses } from "./flexible-in-ipam.ts";
import { addressNumber, parseRange } from "./private-range.ts";

const base = "/ipam/v1/regions/:region/ips";

function resourceView(project: Project, nicId: string | null): object | null {
  const nic = nicId === null ? undefined : project.state.private_nics.get(nicId);
  if (nic === undefined) return null;
  const name = project.state.servers.get(nic.server)?.name ?? null;
  return { type: "instance_private_nic", id: nic.id, mac_address: nic.mac.toUpperCase(), name };
}

function view(project: Project, address: ReservedAddressRecord): object {
  const network = project.get("private_networks", address.region, address.network);
  return {
    id: address.id,
    address: `${address.name}/${parseRange(network.ipv4.range).prefix}`,
    project_id: project.id,
    is_ipv6: false,
    created_at: address.created,
    updated_at: address.modified,
    source: { subnet_id: network.ipv4.id },
    resource: resourceView(project, address.nic),
    tags: address.tags,
    reverses: [],
    region: address.region,
    zone: null,
  };
}

const tags = z.array(z.string());
const booking = z.strictObject({
  project_id: z.uuid(),
  source: z.strictObject({ private_network_id: z.uuid() }),
  is_ipv6: z.literal(false),
  address: z.string(),
  tags,
});

/** Throws 400 unless hosts of the network may have the address and nobody has reserved it. */
function requireFree(project: Project, network: PrivateNetworkRecord, address: string): void {
  const { first, last } = parseRange(network.ipv4.range);
  const wanted = isIPv4(address) ? addressNumber(address) : 0;
  if (wanted <= first || wanted >= last)
    throw invalidArgument("address", `${address} is not an address of a host in ${network.ipv4.range}`);
  const others = [...project.state.reserved_addresses.values()];
  if (others.some((other) => other.network === network.id && other.name === address))
    throw invalidArgument("address", `${address} is reserved already`);
}

function book(project: Project, region: string, body: z.output<typeof booking>): ReservedAddressRecord {
  project.requireOwn(body.project_id);
  project.requireRoom("reserved_addresses");
  const network = project.get("private_networks", region, body.source.private_network_id);
  requireFree(project, network, body.address);
  const address: ReservedAddressRecord = {
    ...project.regionalResource(region, body.address, body.tags),
    network: network.id,
    nic: null,
  };
  project.state.reserved_addresses.set(address.id, address);
  return address;
}

const listQuery = z.strictObject({
  order_by: z.literal("created_at_desc"),
  resource_id: z.uuid(),
  resource_type: z.literal("instance_private_nic"),
  project_id: z.uuid(),
  private_network_id: z.uuid().optional(),
});

export function reservedAddressRoutes(project: Project): Route[] {
  const find = (region: string, id: string) => project.get("reserved_addresses", region, id);
  return [
    creationRoute(base, booking, ({ region, body }) => view(project, book(project, region, body))),
    readRoute(base, listQuery, ({ region, query }) => {
      project.requireOwn(query.project_id);
      const found = [...project.state.reserved_addresses.values()].filter(
        (address) =>
          address.region === region &&
          address.nic === query.resource_id &&
          (query.private_network_id ?? address.network) === address.network,
      );
      return {
        status: 200,
        body: { ips: found.map((address) => view(project, address)), total_count: found.length },
      };
    }),
    lookRoute(
      base,
      ({ region, id }) => flexibleAddress(project, region, id) ?? view(project, find(region, id)),
    ),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      // The SDK sends null with every change of tags.
      body: z.strictObject({ tags: tags.optional(), reverses: reverses.nullish() }),
      handle: ({ region, id, body }) => {
        if (body.reverses !== undefined && body.reverses !== null) {
          nameFlexibleAddress(project, region, id, body.reverses);
          return { status: 200, body: flexibleAddress(project, region, id) ?? {} };
        }
        const address = find(region, id);
        address.tags = body.tags ?? address.tags;
        address.modified = timestamp();
        return { status: 200, body: view(project, address) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, ({ region, id }) => {
      const address = find(region, id);
      if (address.nic !== null) throw preconditionFailed("resource_not_in_use", "the address is in use");
      project.state.reserved_addresses.delete(address.id);
      return { status: 204, body: null };
    }),
  ];
}

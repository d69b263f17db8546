/** VPC: private networks of a region, each with one IPv4 and one IPv6 subnet. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { invalidArgument, preconditionFailed } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { creationRoute, lookRoute, plainRoute, type Route, route } from "../route.ts";
import type { PrivateNetworkRecord, Subnet } from "../state.ts";
import { parseRange } from "./private-range.ts";

const base = "/vpc/v2/regions/:region/private-networks";

function subnetView(project: Project, network: PrivateNetworkRecord, subnet: Subnet): object {
  return {
    id: subnet.id,
    created_at: network.created,
    updated_at: network.created,
    subnet: subnet.range,
    project_id: project.id,
    private_network_id: network.id,
    vpc_id: network.vpc,
    region: network.region,
  };
}

function view(project: Project, network: PrivateNetworkRecord): object {
  return {
    id: network.id,
    name: network.name,
    tags: network.tags,
    organization_id: project.id,
    project_id: project.id,
    created_at: network.created,
    updated_at: network.modified,
    subnets: [network.ipv4, network.ipv6].map((subnet) => subnetView(project, network, subnet)),
    vpc_id: network.vpc,
    dhcp_enabled: true,
    default_route_propagation_enabled: network.propagatesDefaultRoute,
    has_s3_integration: false,
    region: network.region,
  };
}

const tags = z.array(z.string());
const creation = z.strictObject({
  name: z.string().min(1),
  project_id: z.uuid(),
  tags,
  subnets: z.tuple([z.string()]),
  default_route_propagation_enabled: z.boolean(),
});

/** Throws 400 for a range that is none, or that another network of the VPC has a part of. */
function subnetFor(project: Project, region: string, range: string): Subnet {
  const { first, last } = parseRange(range);
  const taken = [...project.state.private_networks.values()]
    .filter((other) => other.region === region)
    .map((other) => ({ name: other.name, ...parseRange(other.ipv4.range) }))
    .find((other) => first <= other.last && other.first <= last);
  if (taken !== undefined) throw invalidArgument("subnets", `${range} overlaps with network ${taken.name}`);
  return { id: randomUUID(), range };
}

/** A unique local network (RFC 4193), as every private network gets one. */
function ipv6Subnet(): Subnet {
  const groups = randomBytes(7).toString("hex").padStart(14, "0");
  const [a, b, c, d] = [groups.slice(0, 2), groups.slice(2, 6), groups.slice(6, 10), groups.slice(10, 14)];
  return { id: randomUUID(), range: `fd${a}:${b}:${c}:${d}::/64` };
}

function create(project: Project, region: string, body: z.output<typeof creation>): PrivateNetworkRecord {
  project.requireOwn(body.project_id);
  project.requireRoom("private_networks");
  const network: PrivateNetworkRecord = {
    ...project.regionalResource(region, body.name, body.tags),
    vpc: project.defaultVpc(region),
    ipv4: subnetFor(project, region, body.subnets[0]),
    ipv6: ipv6Subnet(),
    propagatesDefaultRoute: body.default_route_propagation_enabled,
  };
  project.state.private_networks.set(network.id, network);
  return network;
}

function remove(project: Project, network: PrivateNetworkRecord): void {
  const { private_nics: nics, reserved_addresses: addresses } = project.state;
  if ([...nics.values(), ...addresses.values()].some((user) => user.network === network.id))
    throw preconditionFailed("resource_not_in_use", "the private network is still in use");
  project.state.private_networks.delete(network.id);
}

export function privateNetworkRoutes(project: Project): Route[] {
  const find = (region: string, id: string) => project.get("private_networks", region, id);
  return [
    creationRoute(base, creation, ({ region, body }) => view(project, create(project, region, body))),
    lookRoute(base, ({ region, id }) => view(project, find(region, id))),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: creation.pick({ name: true, tags: true, default_route_propagation_enabled: true }).partial(),
      handle: ({ region, id, body }) => {
        const network = find(region, id);
        network.name = body.name ?? network.name;
        network.tags = body.tags ?? network.tags;
        network.propagatesDefaultRoute =
          body.default_route_propagation_enabled ?? network.propagatesDefaultRoute;
        network.modified = timestamp();
        return { status: 200, body: view(project, network) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, ({ region, id }) => {
      remove(project, find(region, id));
      return { status: 204, body: null };
    }),
  ];
}

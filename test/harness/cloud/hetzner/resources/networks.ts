/** `/networks`: private networks, their subnets and routes. Routes of one's own are not handed out to machines. */
import { z } from "zod";
import type { Action } from "../actions.ts";
import { protectedResource } from "../errors.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { NetworkRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { leaveNetwork } from "./load-balancer-network.ts";
import { applyPrivateNets } from "./machine-control.ts";
import {
  addRoute,
  changeRange,
  cidr,
  privateCidr,
  removeRoute,
  removeSubnet,
  routeSchema,
  subnetSchema,
  toSubnet,
} from "./network-ranges.ts";
import {
  created,
  historyRoutes,
  labelsSchema,
  nameSchema,
  noContent,
  ok,
  protectionSchema,
  readRoutes,
  rename,
} from "./shared.ts";

function view(project: Project, network: NetworkRecord): object {
  const servers = [...project.state.servers.values()].filter((server) =>
    server.privateNets.some((attachment) => attachment.network === network.id),
  );
  return {
    id: network.id,
    name: network.name,
    ip_range: network.ipRange,
    subnets: network.subnets,
    routes: network.routes,
    servers: servers.map((server) => server.id),
    load_balancers: [...project.state.load_balancers.values()]
      .filter(({ privateNet }) => privateNet?.network === network.id)
      .map(({ id }) => id),
    protection: { delete: network.protected },
    labels: network.labels,
    created: network.created,
    expose_routes_to_vswitch: network.exposeRoutesToVswitch,
  };
}

const createSchema = z.strictObject({
  name: nameSchema,
  ip_range: privateCidr,
  subnets: z.array(subnetSchema).default([]),
  routes: z.array(routeSchema).default([]),
  labels: labelsSchema.default({}),
  expose_routes_to_vswitch: z.boolean().default(false),
});

function create(project: Project, body: z.output<typeof createSchema>): NetworkRecord {
  project.requireUniqueName("networks", body.name);
  project.requireRoom("networks");
  const network: NetworkRecord = {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    ipRange: body.ip_range,
    subnets: [],
    routes: [],
    protected: false,
    exposeRoutesToVswitch: body.expose_routes_to_vswitch,
  };
  for (const subnet of body.subnets) {
    network.subnets.push(toSubnet(network, subnet));
  }
  for (const each of body.routes) {
    addRoute(network, each);
  }
  project.state.networks.set(network.id, network);
  return network;
}

async function removeNetwork(project: Project, network: NetworkRecord): Promise<void> {
  if (network.protected) {
    throw protectedResource("network", "deletion");
  }
  // Documented: attached servers and load balancers are detached by deleting the network.
  const members = [...project.state.servers.values()].filter((server) =>
    server.privateNets.some((attachment) => attachment.network === network.id),
  );
  for (const server of members)
    server.privateNets = server.privateNets.filter((attachment) => attachment.network !== network.id);
  for (const balancer of project.state.load_balancers.values()) {
    if (balancer.privateNet?.network === network.id) {
      leaveNetwork(project, balancer);
    }
  }
  project.state.networks.delete(network.id);
  for (const server of members) await applyPrivateNets(project, server);
}

/** `POST /networks/:id/actions/<name>` that changes the network and answers one action. */
function networkAction<Body extends z.ZodType>(
  project: Project,
  name: string,
  body: Body,
  change: (network: NetworkRecord, body: z.output<Body>) => void,
): Route {
  return route({
    method: "POST",
    path: `/networks/:id/actions/${name}`,
    body,
    handle: (call) => {
      change(project.get("networks", call.id), call.body);
      const action: Action = project.actions.start({
        command: name,
        resources: [{ type: "network", id: call.id }],
      });
      return created({ action });
    },
  });
}

const updateSchema = z.strictObject({
  name: nameSchema.optional(),
  labels: labelsSchema.optional(),
  expose_routes_to_vswitch: z.boolean().optional(),
});

export function networkRoutes(project: Project): Route[] {
  const options = {
    project,
    kind: "networks",
    view: (network: NetworkRecord) => view(project, network),
  } as const;
  return [
    ...readRoutes(options),
    ...historyRoutes(project, "networks", "network"),
    route({
      method: "POST",
      path: "/networks",
      body: createSchema,
      handle: ({ body }) => created({ network: view(project, create(project, body)) }),
    }),
    route({
      method: "PUT",
      path: "/networks/:id",
      body: updateSchema,
      handle: ({ id, body }) => {
        const network = project.get("networks", id);
        rename(project, "networks", network, body);
        network.exposeRoutesToVswitch = body.expose_routes_to_vswitch ?? network.exposeRoutesToVswitch;
        return ok({ network: view(project, network) });
      },
    }),
    plainRoute("DELETE", "/networks/:id", async ({ id }) => {
      await removeNetwork(project, project.get("networks", id));
      return noContent;
    }),
    networkAction(project, "add_subnet", subnetSchema, (network, body) => {
      network.subnets.push(toSubnet(network, body));
    }),
    networkAction(project, "delete_subnet", z.strictObject({ ip_range: cidr }), (network, body) =>
      removeSubnet(project, network, body.ip_range),
    ),
    networkAction(project, "add_route", routeSchema, addRoute),
    networkAction(project, "delete_route", routeSchema, removeRoute),
    networkAction(project, "change_ip_range", z.strictObject({ ip_range: cidr }), (network, body) =>
      changeRange(network, body.ip_range),
    ),
    networkAction(project, "change_protection", protectionSchema, (network, body) => {
      network.protected = body.delete;
    }),
  ];
}

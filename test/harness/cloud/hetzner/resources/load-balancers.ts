/** `/load_balancers`: making, changing, deleting. Services, targets and networks have files of their own. */
import { z } from "zod";
import { loadBalancerTypes } from "../catalog/load-balancer-types.ts";
import { locations } from "../catalog/locations.ts";
import { ApiError, invalidInput, protectedResource } from "../errors.ts";
import { sameAddress } from "../ip.ts";
import type { Project } from "../project.ts";
import { emptyBody, plainRoute, type Route, route } from "../route.ts";
import type { LoadBalancerRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import {
  balancerAttachSchema,
  balancerDetachSchema,
  joinNetwork,
  leaveNetwork,
} from "./load-balancer-network.ts";
import {
  addService,
  addServiceSchema,
  deleteServiceSchema,
  removeService,
  updateService,
  updateServiceSchema,
} from "./load-balancer-services.ts";
import { addTarget, addTargetSchema, removeTarget, removeTargetSchema } from "./load-balancer-targets.ts";
import { addressesOfBalancer, loadBalancerView } from "./load-balancer-view.ts";
import { dnsPtrSchema } from "./reverse-dns.ts";
import {
  created,
  historyRoutes,
  idSchema,
  labelsSchema,
  nameSchema,
  noContent,
  protectionSchema,
  readRoutes,
  renameRoute,
} from "./shared.ts";

const typeSchema = z.union([z.string().min(1), idSchema]);
const algorithmSchema = z.strictObject({ type: z.enum(["round_robin", "least_connections"]) });
const createSchema = z.strictObject({
  name: nameSchema,
  load_balancer_type: typeSchema,
  algorithm: algorithmSchema.default({ type: "round_robin" }),
  location: z.string().optional(),
  network_zone: z.string().optional(),
  labels: labelsSchema.default({}),
  targets: z.array(addTargetSchema).default([]),
  services: z.array(addServiceSchema).default([]),
  public_interface: z.boolean().default(true),
  network: idSchema.optional(),
});
type CreateRequest = z.output<typeof createSchema>;

function findType(wanted: string | number): LoadBalancerRecord["type"] {
  const type = loadBalancerTypes.find(({ id, name }) => name === wanted || id === wanted);
  if (type === undefined) {
    throw invalidInput("load_balancer_type", `${wanted} not found`);
  }
  return type;
}

function findLocation({ location, network_zone: zone }: CreateRequest): LoadBalancerRecord["location"] {
  if ((location === undefined) === (zone === undefined)) {
    throw invalidInput("location", "exactly one of location and network_zone must be given");
  }
  const found = locations.find((each) => each.name === location || each.network_zone === zone);
  if (found === undefined) {
    throw invalidInput(location === undefined ? "network_zone" : "location", `${location ?? zone} not found`);
  }
  return found;
}

function create(project: Project, body: CreateRequest): object {
  project.requireUniqueName("load_balancers", body.name);
  project.requireRoom("load_balancers");
  const [type, location] = [findType(body.load_balancer_type), findLocation(body)];
  const balancer: LoadBalancerRecord = {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    location,
    ipv4: project.allocateAddress("ipv4"),
    ipv6: project.allocateAddress("ipv6"),
    type,
    algorithm: body.algorithm.type,
    services: [],
    targets: [],
    privateNet: null,
    publicInterface: body.public_interface,
    dnsPtr: new Map(),
    protected: false,
  };
  try {
    if (body.network !== undefined) {
      joinNetwork(project, balancer, { network: body.network });
    }
    for (const service of body.services) {
      addService(balancer, service);
    }
    for (const target of body.targets) {
      addTarget(project, balancer, target);
    }
  } catch (error) {
    project.releaseAddress(balancer.ipv4);
    project.releaseAddress(balancer.ipv6);
    throw error;
  }
  project.state.load_balancers.set(balancer.id, balancer);
  project.traffic.sync(balancer);
  const action = project.actions.start({
    command: "create_load_balancer",
    resources: [{ type: "load_balancer", id: balancer.id }],
    work: () => project.traffic.settled(balancer),
  });
  return { load_balancer: loadBalancerView(project, balancer), action };
}

async function remove(project: Project, balancer: LoadBalancerRecord): Promise<void> {
  if (balancer.protected) {
    throw protectedResource("load balancer", "deletion");
  }
  project.state.load_balancers.delete(balancer.id);
  await project.traffic.close(balancer);
  project.releaseAddress(balancer.ipv4);
  project.releaseAddress(balancer.ipv6);
}

function changeType(balancer: LoadBalancerRecord, wanted: string | number): void {
  const type = findType(wanted);
  const { services, targets } = balancer;
  if (
    type.id === balancer.type.id ||
    services.length > type.maxServices ||
    targets.length > type.maxTargets
  ) {
    throw new ApiError(
      422,
      "invalid_load_balancer_type",
      `load balancer type ${type.name} does not fit load balancer ${balancer.id}`,
    );
  }
  balancer.type = type;
}

function changeName(balancer: LoadBalancerRecord, change: z.output<typeof dnsPtrSchema>): void {
  const own = Object.values(addressesOfBalancer(balancer)).find((address) => sameAddress(address, change.ip));
  if (own === undefined) {
    throw new ApiError(404, "not_found", `IP ${change.ip} does not belong to load balancer ${balancer.id}`);
  }
  if (change.dns_ptr === null) {
    balancer.dnsPtr.delete(own);
  } else {
    balancer.dnsPtr.set(own, change.dns_ptr);
  }
}

/** Of its targets none may need the public interface. */
function switchPublic(balancer: LoadBalancerRecord, on: boolean): void {
  if (!on && balancer.targets.some(({ usePrivateIp }) => !usePrivateIp)) {
    throw new ApiError(
      422,
      "targets_without_use_private_ip",
      `load balancer ${balancer.id} has targets that use the public address`,
    );
  }
  balancer.publicInterface = on;
}

/** `POST /load_balancers/:id/actions/<name>` that changes it at once and answers one action. */
function balancerAction<Body extends z.ZodType>(
  project: Project,
  [name, command]: readonly [name: string, command: string],
  body: Body,
  change: (balancer: LoadBalancerRecord, body: z.output<Body>) => void,
): Route {
  return route({
    method: "POST",
    path: `/load_balancers/:id/actions/${name}`,
    body,
    handle: (call) => {
      const balancer = project.get("load_balancers", call.id);
      change(balancer, call.body);
      project.traffic.sync(balancer);
      const action = project.actions.start({
        command,
        resources: [{ type: "load_balancer", id: call.id }],
        work: () => project.traffic.settled(balancer),
      });
      return created({ action });
    },
  });
}

function actions(project: Project): Route[] {
  const act = <Body extends z.ZodType>(
    name: string,
    body: Body,
    change: (balancer: LoadBalancerRecord, body: z.output<Body>) => void,
  ) => balancerAction(project, [name, name], body, change);
  return [
    act("add_service", addServiceSchema, addService),
    act("update_service", updateServiceSchema, updateService),
    act("delete_service", deleteServiceSchema, (balancer, body) => removeService(balancer, body.listen_port)),
    act("add_target", addTargetSchema, (balancer, body) => addTarget(project, balancer, body)),
    act("remove_target", removeTargetSchema, (balancer, body) => removeTarget(balancer, body.server.id)),
    act("attach_to_network", balancerAttachSchema, (balancer, body) => joinNetwork(project, balancer, body)),
    act("detach_from_network", balancerDetachSchema, (balancer, body) =>
      leaveNetwork(project, balancer, body.network),
    ),
    act("change_algorithm", algorithmSchema, (balancer, { type }) => {
      balancer.algorithm = type;
    }),
    balancerAction(
      project,
      ["change_type", "change_load_balancer_type"],
      z.strictObject({ load_balancer_type: typeSchema }),
      (balancer, body) => changeType(balancer, body.load_balancer_type),
    ),
    act("change_protection", protectionSchema, (balancer, body) => {
      balancer.protected = body.delete;
    }),
    act("change_dns_ptr", dnsPtrSchema, changeName),
    act("enable_public_interface", emptyBody, (balancer) => switchPublic(balancer, true)),
    act("disable_public_interface", emptyBody, (balancer) => switchPublic(balancer, false)),
  ];
}

export function loadBalancerRoutes(project: Project): Route[] {
  const view = (balancer: LoadBalancerRecord) => loadBalancerView(project, balancer);
  const options = { project, kind: "load_balancers", view } as const;
  return [
    ...readRoutes(options),
    ...historyRoutes(project, "load_balancers", "load_balancer"),
    ...actions(project),
    renameRoute(options),
    route({
      method: "POST",
      path: "/load_balancers",
      body: createSchema,
      handle: ({ body }) => created(create(project, body)),
    }),
    plainRoute("DELETE", "/load_balancers/:id", async ({ id }) => {
      await remove(project, project.get("load_balancers", id));
      return noContent;
    }),
  ];
}

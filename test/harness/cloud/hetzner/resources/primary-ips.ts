/** `/primary_ips`: public addresses that outlive the servers they are assigned to. */
import { z } from "zod";
import type { Action } from "../actions.ts";
import { locations } from "../catalog/locations.ts";
import { ApiError, invalidInput, protectedResource } from "../errors.ts";
import { oneOf } from "../listing.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { PrimaryIpRecord, ServerRecord } from "../state.ts";
import { addAddress, addressOf, removeAddress, requireAssignable } from "./address-book.ts";
import { applyAddresses } from "./machine-control.ts";
import { changeDnsPtr, dnsPtrSchema, dnsPtrView } from "./reverse-dns.ts";
import {
  created,
  historyRoutes,
  idSchema,
  labelsSchema,
  nameSchema,
  noContent,
  ok,
  protectionSchema,
  readRoutes,
  rename,
} from "./shared.ts";

function view(address: PrimaryIpRecord): object {
  return {
    id: address.id,
    name: address.name,
    type: address.type,
    ip: address.ip,
    labels: address.labels,
    created: address.created,
    blocked: false,
    dns_ptr: dnsPtrView(address),
    location: address.location,
    assignee_id: address.assignee,
    assignee_type: "server",
    auto_delete: address.autoDelete,
    protection: { delete: address.protected },
  };
}

/** The server, checked: unlocked, off, without an address of the kind. */
function requireRecipient(project: Project, id: number, type: PrimaryIpRecord["type"]): ServerRecord {
  const server = project.state.servers.get(id);
  if (server === undefined) {
    throw invalidInput("assignee_id", `server ${id} not found`);
  }
  requireStopped(project, server);
  if (addressOf(project, server, type) !== undefined) {
    throw new ApiError(422, `server_has_${type}`, `server ${id} has an ${type} address already`);
  }
  return server;
}

function requireStopped(project: Project, server: ServerRecord): void {
  project.actions.requireUnlocked({ type: "server", id: server.id });
  if (server.machine?.powerState() === "running") {
    throw new ApiError(422, "server_not_stopped", `server ${server.id} must be off`);
  }
}

/** A load balancer reaches its public targets at their IPv4 address. */
function requireNoBalancer(project: Project, server: ServerRecord, type: PrimaryIpRecord["type"]): void {
  const isTarget = [...project.state.load_balancers.values()].some(({ targets }) =>
    targets.some((target) => target.server === server.id && !target.usePrivateIp),
  );
  if (type === "ipv4" && isTarget) {
    throw new ApiError(
      422,
      "server_is_load_balancer_target",
      `server ${server.id} is a load balancer's target`,
    );
  }
}

function startAddressAction(
  project: Project,
  command: string,
  address: PrimaryIpRecord,
  server: ServerRecord | null,
): Action {
  const target = server === null ? [] : ([{ type: "server", id: server.id }] as const);
  return project.actions.start({
    command,
    resources: [{ type: "primary_ip", id: address.id }, ...target],
    work: () => (server === null ? undefined : applyAddresses(project, server)),
  });
}

const createSchema = z.strictObject({
  name: nameSchema,
  type: z.enum(["ipv4", "ipv6"]),
  assignee_type: z.literal("server").default("server"),
  assignee_id: idSchema.optional(),
  location: z.string().optional(),
  labels: labelsSchema.default({}),
  auto_delete: z.boolean().default(false),
});

function create(project: Project, body: z.output<typeof createSchema>): object {
  project.requireUniqueName("primary_ips", body.name);
  project.requireRoom("primary_ips");
  if ((body.assignee_id === undefined) === (body.location === undefined)) {
    throw invalidInput("location", "exactly one of location and assignee_id must be given");
  }
  const server =
    body.assignee_id === undefined ? null : requireRecipient(project, body.assignee_id, body.type);
  const location =
    server?.location ??
    locations.find((each) => each.name === body.location || String(each.id) === body.location);
  if (location === undefined) {
    throw invalidInput("location", `${body.location} not found`);
  }
  const address = addAddress(project, {
    type: body.type,
    location,
    name: body.name,
    labels: body.labels,
    autoDelete: body.auto_delete,
    assignee: server?.id ?? null,
  });
  const action = server === null ? null : startAddressAction(project, "assign_primary_ip", address, server);
  return { primary_ip: view(address), action };
}

function remove(project: Project, address: PrimaryIpRecord): void {
  if (address.protected) {
    throw protectedResource("primary_ip", "deletion");
  }
  if (address.assignee !== null) {
    throw new ApiError(422, "must_be_unassigned", `primary IP ${address.id} must be unassigned first`);
  }
  removeAddress(project, address);
}

function unassign(project: Project, address: PrimaryIpRecord): Action {
  if (address.assignee === null) {
    throw new ApiError(422, "primary_ip_not_assigned", `primary IP ${address.id} is not assigned`);
  }
  const server = project.get("servers", address.assignee);
  requireStopped(project, server);
  requireNoBalancer(project, server, address.type);
  address.assignee = null;
  return startAddressAction(project, "unassign_primary_ip", address, server);
}

const updateSchema = z.strictObject({
  name: nameSchema.optional(),
  labels: labelsSchema.optional(),
  auto_delete: z.boolean().optional(),
});

/** Actions of an address; see `unassign` and `requireRecipient` for what they need. */
function addressActions(project: Project): Route[] {
  return [
    route({
      method: "POST",
      path: "/primary_ips/:id/actions/assign",
      body: z.strictObject({ assignee_id: idSchema, assignee_type: z.literal("server") }),
      handle: ({ id, body }) => {
        const address = project.get("primary_ips", id);
        const server = requireRecipient(project, body.assignee_id, address.type);
        requireAssignable(address, address.type, server.location);
        address.assignee = server.id;
        return created({ action: startAddressAction(project, "assign_primary_ip", address, server) });
      },
    }),
    plainRoute("POST", "/primary_ips/:id/actions/unassign", ({ id }) =>
      created({ action: unassign(project, project.get("primary_ips", id)) }),
    ),
    route({
      method: "POST",
      path: "/primary_ips/:id/actions/change_dns_ptr",
      body: dnsPtrSchema,
      handle: ({ id, body }) => {
        const address = project.get("primary_ips", id);
        changeDnsPtr(address, body);
        return created({ action: startAddressAction(project, "change_dns_ptr", address, null) });
      },
    }),
    route({
      method: "POST",
      path: "/primary_ips/:id/actions/change_protection",
      body: protectionSchema,
      handle: ({ id, body }) => {
        const address = project.get("primary_ips", id);
        address.protected = body.delete;
        return created({ action: startAddressAction(project, "change_protection", address, null) });
      },
    }),
  ];
}

export function primaryIpRoutes(project: Project): Route[] {
  const options = { project, kind: "primary_ips", view } as const;
  return [
    ...readRoutes(options, { ip: oneOf((address) => address.ip) }),
    ...historyRoutes(project, "primary_ips", "primary_ip"),
    ...addressActions(project),
    route({
      method: "POST",
      path: "/primary_ips",
      body: createSchema,
      handle: ({ body }) => created(create(project, body)),
    }),
    route({
      method: "PUT",
      path: "/primary_ips/:id",
      body: updateSchema,
      handle: ({ id, body }) => {
        const address = project.get("primary_ips", id);
        rename(project, "primary_ips", address, body);
        address.autoDelete = body.auto_delete ?? address.autoDelete;
        return ok({ primary_ip: view(address) });
      },
    }),
    plainRoute("DELETE", "/primary_ips/:id", ({ id }) => {
      remove(project, project.get("primary_ips", id));
      return noContent;
    }),
  ];
}

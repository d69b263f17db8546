/** `POST /servers`: everything is checked before anything is made; then a real machine boots. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ActionPlan } from "../actions.ts";
import type { Location } from "../catalog/locations.ts";
import { invalidInput } from "../errors.ts";
import type { Project } from "../project.ts";
import type { FirewallRecord, PrimaryIpRecord, ServerRecord, VolumeRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { addAddress, removeAddress, requireAssignable } from "./address-book.ts";
import { mostFirewallsPerServer } from "./firewalls.ts";
import { powerOn } from "./machine-control.ts";
import { requirePlacement } from "./placement-groups.ts";
import { chooseLocation, findImage, findServerType, findSshKeys } from "./server-choice.ts";
import { planAttachment } from "./server-networks.ts";
import { serverView } from "./server-view.ts";
import { hostnameSchema, idSchema, labelsSchema } from "./shared.ts";
import { mostVolumesPerServer, requireAttachable } from "./volume-attachment.ts";

const mostUserDataBytes = 32 * 1024;
const reference = z.union([z.string().min(1), idSchema]);

/** Shared with `rebuild`. */
export const userDataSchema = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= mostUserDataBytes, "is limited to 32 KiB");

export const createServerSchema = z.strictObject({
  name: hostnameSchema,
  server_type: reference,
  image: reference,
  location: reference.optional(),
  ssh_keys: z.array(reference).default([]),
  user_data: userDataSchema.optional(),
  start_after_create: z.boolean().default(true),
  labels: labelsSchema.default({}),
  automount: z.boolean().optional(),
  volumes: z.array(idSchema).max(mostVolumesPerServer).default([]),
  networks: z.array(idSchema).default([]),
  firewalls: z
    .array(z.strictObject({ firewall: idSchema }))
    .max(mostFirewallsPerServer)
    .default([]),
  placement_group: idSchema.optional(),
  public_net: z
    .strictObject({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: idSchema.nullish(),
      ipv6: idSchema.nullish(),
    })
    .prefault({}),
});
type CreateServer = z.output<typeof createServerSchema>;

/** A public address of the new server: an existing one, one to be made, or none. */
type AddressChoice = PrimaryIpRecord | "new" | null;

interface Parts {
  readonly ipv4: AddressChoice;
  readonly ipv6: AddressChoice;
  readonly firewalls: readonly FirewallRecord[];
  readonly volumes: readonly VolumeRecord[];
}

function chooseAddress(
  project: Project,
  body: CreateServer,
  type: PrimaryIpRecord["type"],
  location: Location,
): AddressChoice {
  const enabled = type === "ipv4" ? body.public_net.enable_ipv4 : body.public_net.enable_ipv6;
  const id = body.public_net[type] ?? null;
  if (id === null) {
    return enabled ? "new" : null;
  }
  if (!enabled) {
    throw invalidInput(`public_net.${type}`, `is given although enable_${type} is false`);
  }
  const address = project.get("primary_ips", id);
  requireAssignable(address, type, location);
  return address;
}

function chooseParts(project: Project, body: CreateServer, location: Location): Parts {
  const ipv4 = chooseAddress(project, body, "ipv4", location);
  const ipv6 = chooseAddress(project, body, "ipv6", location);
  if (ipv4 === null && ipv6 === null && body.networks.length === 0) {
    throw invalidInput("public_net", "a server needs a public address or a network");
  }
  project.requireRoom("primary_ips", [ipv4, ipv6].filter((choice) => choice === "new").length);
  const volumes = body.volumes.map((id) => {
    const volume = project.get("volumes", id);
    project.actions.requireUnlocked({ type: "volume", id });
    requireAttachable(volume, location);
    return volume;
  });
  const firewalls = body.firewalls.map(({ firewall }) => project.get("firewalls", firewall));
  if (body.placement_group !== undefined) {
    requirePlacement(project, body.placement_group);
  }
  return { ipv4, ipv6, firewalls, volumes };
}

function newRecord(project: Project, body: CreateServer): ServerRecord {
  project.requireUniqueName("servers", body.name);
  const type = findServerType(body.server_type);
  return {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    location: chooseLocation(project, type, body.location),
    authorizedKeys: findSshKeys(project, body.ssh_keys).map((key) => key.publicKey),
    type,
    image: findImage(body.image, type.architecture),
    userData: body.user_data ?? null,
    primaryDiskSize: type.disk,
    protection: { delete: false, rebuild: false },
    backupWindow: null,
    placementGroup: body.placement_group ?? null,
    privateNets: [],
    transition: "initializing",
    machine: null,
  };
}

/** Makes the addresses that are to be new; all of them or, if one kind is used up, none. */
function makeAddresses(project: Project, server: ServerRecord, parts: Parts): void {
  const made: PrimaryIpRecord[] = [];
  try {
    for (const type of ["ipv6", "ipv4"] as const) {
      if (parts[type] === "new") {
        const { id: assignee, location } = server;
        made.push(addAddress(project, { type, location, autoDelete: true, assignee }));
      }
    }
  } catch (error) {
    for (const address of made) {
      removeAddress(project, address);
    }
    throw error;
  }
}

/** Addresses first: they are the one thing that can still run out. */
function connect(project: Project, server: ServerRecord, parts: Parts): void {
  makeAddresses(project, server, parts);
  for (const choice of [parts.ipv4, parts.ipv6]) {
    if (choice !== null && choice !== "new") {
      choice.assignee = server.id;
    }
  }
  for (const firewall of parts.firewalls) {
    firewall.servers.add(server.id);
  }
  for (const volume of parts.volumes) {
    volume.server = server.id;
  }
  project.state.servers.set(server.id, server);
}

function startPlan(project: Project, server: ServerRecord): ActionPlan {
  return {
    command: "start_server",
    resources: [{ type: "server", id: server.id }],
    work: async () => {
      try {
        await powerOn(project, server);
      } finally {
        server.transition = null;
      }
    },
  };
}

function plans(project: Project, server: ServerRecord, body: CreateServer): ActionPlan[] {
  const self = { type: "server", id: server.id } as const;
  return [
    {
      command: "create_server",
      resources: [self],
      work: () => {
        server.transition = body.start_after_create ? "starting" : null;
      },
    },
    ...(body.start_after_create ? [startPlan(project, server)] : []),
    ...server.privateNets.map(({ network }) => ({
      command: "attach_to_network",
      resources: [self, { type: "network" as const, id: network }],
    })),
    // The machine boots with its volumes, so there is nothing left to do.
    ...body.volumes.map((id) => ({
      command: "attach_volume",
      resources: [self, { type: "volume" as const, id }],
    })),
  ];
}

/** Answer of `POST /servers`: `{server, action, next_actions, root_password}`. */
export function createServer(project: Project, body: CreateServer): object {
  project.requireRoom("servers");
  const server = newRecord(project, body);
  const parts = chooseParts(project, body, server.location);
  for (const network of body.networks) {
    server.privateNets.push(planAttachment(project, server, { network, alias_ips: [] }));
  }
  connect(project, server, parts);
  const [action, ...next] = project.actions.sequence(plans(project, server, body));
  return {
    server: serverView(project, server),
    action,
    next_actions: next,
    root_password: body.ssh_keys.length > 0 ? null : randomBytes(12).toString("base64url"),
  };
}

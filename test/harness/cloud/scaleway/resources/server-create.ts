/** A new server: stopped, with a disk made from its image, and the addresses that it is given. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { images, type ServerType, serverTypes } from "../catalog.ts";
import { invalidArgument, notFound, outOfStock } from "../errors.ts";
import type { Project } from "../project.ts";
import type { ServerRecord, VolumeRecord } from "../state.ts";
import { attachIp } from "./ips.ts";
import { requirePlacement } from "./placement-groups.ts";
import { defaultGroup } from "./security-groups.ts";

const defaultDiskBytes = 10_000_000_000;
const defaultIops = 5000;

/** Host names (RFC 1123): the server's name becomes its host name. */
const name = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, "must be a host name");

/** The root volume, made from the image. */
const rootVolume = z.strictObject({
  boot: z.boolean().optional(),
  size: z.int().min(defaultDiskBytes, "must not be smaller than its image").optional(),
  volume_type: z.literal("sbs_volume").optional(),
});

export const newServer = z.strictObject({
  name,
  commercial_type: z.string(),
  image: z.uuid(),
  volumes: z.strictObject({ "0": rootVolume }),
  public_ips: z.array(z.uuid()).optional(),
  boot_type: z.enum(["local", "rescue"]).optional(),
  dynamic_ip_required: z.literal(false).optional(),
  project: z.uuid().optional(),
  tags: z.array(z.string()).optional(),
  security_group: z.uuid().optional(),
  placement_group: z.uuid().optional(),
  protected: z.boolean().optional(),
});

/** Throws 400 for a type that nobody sells. */
export function typeOf(name: string): ServerType {
  const type = serverTypes.find((candidate) => candidate.name === name);
  if (type === undefined) throw invalidArgument("commercial_type", `${name} is not a commercial type`);
  return type;
}

function imageFor(zone: string, type: ServerType, id: string): ServerRecord["image"] {
  const image = images.find((candidate) => candidate.id === id && candidate.zone === zone);
  if (image === undefined) throw notFound("instance_image", id);
  if (image.arch !== type.arch)
    throw invalidArgument("image", `${image.label} for ${image.arch} does not run on ${type.name}`);
  return image;
}

/** Throws before anything is made: 400, 403 (quota, project), 404, 412 (an address that another server has), 503 (sold out). */
export function createServer(project: Project, zone: string, body: z.output<typeof newServer>): ServerRecord {
  project.requireOwn(body.project);
  project.requireRoom("servers");
  project.requireRoom("volumes");
  const type = typeOf(body.commercial_type);
  const image = imageFor(zone, type, body.image);
  if (project.options.soldOut.some((entry) => entry.type === type.name && entry.zone === zone))
    throw outOfStock(type.name);
  const group =
    body.security_group === undefined
      ? defaultGroup(project, zone)
      : project.get("security_groups", zone, body.security_group);
  const ips = (body.public_ips ?? []).map((id) => project.get("ips", zone, id));
  const disk: VolumeRecord = {
    ...project.resource(zone, `${image.title}_sbs_volume_0`),
    size: body.volumes["0"].size ?? defaultDiskBytes,
    iops: defaultIops,
    status: "ready",
    server: null,
    snapshot: randomUUID(),
  };
  const server: ServerRecord = {
    ...project.resource(zone, body.name, body.tags),
    image,
    type,
    mac: project.newMac(),
    rootVolume: disk.id,
    volumes: [],
    userData: new Map(),
    bootType: body.boot_type ?? "local",
    protected: body.protected ?? false,
    dynamicIp: false,
    securityGroup: group.id,
    placementGroup:
      body.placement_group === undefined ? null : requirePlacement(project, zone, body.placement_group),
    state: "stopped",
    stateDetail: "",
    machine: null,
  };
  for (const ip of ips) attachIp(project, ip, server);
  disk.server = server.id;
  project.state.volumes.set(disk.id, disk);
  project.state.servers.set(server.id, server);
  return server;
}

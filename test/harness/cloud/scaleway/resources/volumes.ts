/** Block storage: the disks of servers, and further volumes. Each outlives its server until it is deleted itself. */
import { z } from "zod";
import { notFound, preconditionFailed } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { creationRoute, lookRoute, plainRoute, type Route, route } from "../route.ts";
import type { VolumeRecord } from "../state.ts";

const base = "/block/v1/zones/:zone/volumes";
const bytesPerGb = 1_000_000_000;
const smallest = 5 * bytesPerGb;

function view(project: Project, volume: VolumeRecord): object {
  const reference = {
    id: volume.id,
    product_resource_type: "instance_server",
    product_resource_id: volume.server,
    created_at: volume.created,
    type: "exclusive",
    status: volume.status === "attaching" ? "attaching" : "attached",
  };
  return {
    id: volume.id,
    name: volume.name,
    type: `sbs_${volume.iops / 1000}k`,
    size: volume.size,
    project_id: project.id,
    created_at: volume.created,
    updated_at: volume.modified,
    references: volume.server === null ? [] : [reference],
    parent_snapshot_id: volume.snapshot,
    status: volume.status === "creating" ? "creating" : volume.server === null ? "available" : "in_use",
    tags: volume.tags,
    specs: { perf_iops: volume.iops, class: "sbs" },
    last_detached_at: null,
    kms_key_id: null,
    zone: volume.zone,
  };
}

function change(
  volume: VolumeRecord,
  body: { name?: string | undefined; size?: number | undefined; tags?: readonly string[] | undefined },
): void {
  if (body.size !== undefined && body.size < volume.size)
    throw preconditionFailed("size", "a volume can only grow");
  volume.name = body.name ?? volume.name;
  volume.size = body.size ?? volume.size;
  volume.tags = body.tags ?? volume.tags;
  volume.modified = timestamp();
}

const creation = z.strictObject({
  name: z.string().min(1),
  perf_iops: z.union([z.literal(5000), z.literal(15_000)]),
  project_id: z.uuid(),
  from_empty: z.strictObject({ size: z.int().min(smallest).multipleOf(bytesPerGb) }),
  tags: z.array(z.string()),
});

function create(project: Project, zone: string, body: z.output<typeof creation>): VolumeRecord {
  project.requireOwn(body.project_id);
  project.requireRoom("volumes");
  const volume: VolumeRecord = {
    ...project.resource(zone, body.name, body.tags),
    size: body.from_empty.size,
    iops: body.perf_iops,
    status: "creating",
    server: null,
    snapshot: null,
  };
  project.state.volumes.set(volume.id, volume);
  project.later(async () => {
    volume.status = "ready";
  });
  return volume;
}

export function volumeRoutes(project: Project): Route[] {
  return [
    creationRoute(base, creation, ({ zone, body }) => view(project, create(project, zone, body))),
    lookRoute(base, ({ zone, id }) => view(project, project.get("volumes", zone, id))),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: z.strictObject({
        name: z.string().min(1).optional(),
        size: z.int().positive().optional(),
        tags: z.array(z.string()).optional(),
      }),
      handle: ({ zone, id, body }) => {
        const volume = project.get("volumes", zone, id);
        change(volume, body);
        return { status: 200, body: view(project, volume) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, async ({ zone, id }) => {
      const volume = project.get("volumes", zone, id);
      if (volume.server !== null) throw preconditionFailed("resource_not_in_use", "the volume is attached");
      project.state.volumes.delete(volume.id);
      await project.options.machines.destroyVolume(volume.id);
      return { status: 204, body: null };
    }),
    // Local volumes: nobody has one here, and the provider asks for them first.
    plainRoute("GET", "/instance/v1/zones/:zone/volumes/:id", ({ id }) => {
      throw notFound("instance_volume", id);
    }),
  ];
}

/** `/volumes`: block devices that can be attached to one server of the same location. */
import { z } from "zod";
import type { Action } from "../actions.ts";
import { locations } from "../catalog/locations.ts";
import { ApiError, invalidInput, protectedResource } from "../errors.ts";
import { oneOf } from "../listing.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { VolumeRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
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
import { attach, attachPlan, detach, requireRoomOn } from "./volume-attachment.ts";

const smallestGb = 10;
const largestGb = 10_240;

function view(project: Project, volume: VolumeRecord): object {
  return {
    id: volume.id,
    name: volume.name,
    labels: volume.labels,
    created: volume.created,
    status: project.actions.isLocked("volume", volume.id) ? "creating" : "available",
    size: volume.size,
    server: volume.server,
    location: volume.location,
    linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
    format: volume.format,
    protection: { delete: volume.protected },
  };
}

function resize(project: Project, volume: VolumeRecord, size: number): Action {
  const resources = [{ type: "volume", id: volume.id }] as const;
  project.actions.requireUnlocked(...resources);
  if (size <= volume.size) {
    throw invalidInput("size", `must be more than the present ${volume.size} GB`);
  }
  return project.actions.start({
    command: "resize_volume",
    resources,
    work: () => {
      volume.size = size;
    },
  });
}

const sizeSchema = z.int().min(smallestGb).max(largestGb);
const createSchema = z.strictObject({
  name: nameSchema,
  size: sizeSchema,
  server: idSchema.optional(),
  location: z.union([z.string(), idSchema]).optional(),
  labels: labelsSchema.default({}),
  automount: z.boolean().optional(),
  format: z.enum(["ext4", "xfs"]).nullish(),
});

function create(project: Project, body: z.output<typeof createSchema>): object {
  project.requireUniqueName("volumes", body.name);
  project.requireRoom("volumes");
  if ((body.server === undefined) === (body.location === undefined)) {
    throw invalidInput("location", "exactly one of location and server must be given");
  }
  const server = body.server === undefined ? null : project.state.servers.get(body.server);
  if (server === undefined) {
    throw invalidInput("server", `server ${body.server} not found`);
  }
  if (server !== null) {
    project.actions.requireUnlocked({ type: "server", id: server.id });
    requireRoomOn(project, server);
  }
  const wanted = String(body.location);
  const location =
    server?.location ?? locations.find((each) => each.name === wanted || String(each.id) === wanted);
  if (location === undefined) {
    throw invalidInput("location", `${wanted} not found`);
  }
  const volume: VolumeRecord = {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    location,
    format: body.format ?? null,
    size: body.size,
    server: null,
    protected: false,
  };
  project.state.volumes.set(volume.id, volume);
  const [action, ...next] = project.actions.sequence([
    { command: "create_volume", resources: [{ type: "volume", id: volume.id }] },
    ...(server === null ? [] : [attachPlan(server, volume)]),
  ]);
  return { volume: view(project, volume), action, next_actions: next };
}

async function remove(project: Project, volume: VolumeRecord): Promise<void> {
  project.actions.requireUnlocked({ type: "volume", id: volume.id });
  if (volume.protected) {
    throw protectedResource("volume", "deletion");
  }
  if (volume.server !== null) {
    throw new ApiError(409, "resource_in_use", `volume ${volume.id} is attached to server ${volume.server}`);
  }
  project.state.volumes.delete(volume.id);
  await project.machines.destroyVolume(String(volume.id));
}

/** `POST /volumes/:id/actions/<name>` that answers one action. */
function volumeAction<Body extends z.ZodType>(
  project: Project,
  name: string,
  body: Body,
  act: (volume: VolumeRecord, body: z.output<Body>) => Action,
): Route {
  return route({
    method: "POST",
    path: `/volumes/:id/actions/${name}`,
    body,
    handle: (call) => created({ action: act(project.get("volumes", call.id), call.body) }),
  });
}

export function volumeRoutes(project: Project): Route[] {
  const options = {
    project,
    kind: "volumes",
    view: (volume: VolumeRecord) => view(project, volume),
  } as const;
  return [
    ...readRoutes(options, { status: oneOf(() => "available") }),
    ...historyRoutes(project, "volumes", "volume"),
    renameRoute(options),
    route({
      method: "POST",
      path: "/volumes",
      body: createSchema,
      handle: ({ body }) => created(create(project, body)),
    }),
    plainRoute("DELETE", "/volumes/:id", async ({ id }) => {
      await remove(project, project.get("volumes", id));
      return noContent;
    }),
    volumeAction(
      project,
      "attach",
      z.strictObject({ server: idSchema, automount: z.boolean().optional() }),
      (volume, body) => attach(project, volume, body.server),
    ),
    plainRoute("POST", "/volumes/:id/actions/detach", ({ id }) =>
      created({ action: detach(project, project.get("volumes", id)) }),
    ),
    volumeAction(project, "resize", z.strictObject({ size: sizeSchema }), (volume, body) =>
      resize(project, volume, body.size),
    ),
    volumeAction(project, "change_protection", protectionSchema, (volume, body) => {
      volume.protected = body.delete;
      return project.actions.start({
        command: "change_protection",
        resources: [{ type: "volume", id: volume.id }],
      });
    }),
  ];
}

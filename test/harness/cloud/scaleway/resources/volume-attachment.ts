/** Volumes on servers, beside the disk that a server is made with: attached and detached while it runs. */
import { z } from "zod";
import { invalidArgument, preconditionFailed, transientState } from "../errors.ts";
import type { Project } from "../project.ts";
import { type Route, route } from "../route.ts";
import type { ServerRecord, VolumeRecord } from "../state.ts";
import { attachToMachine, detachFromMachine } from "./machine-control.ts";
import { serverView } from "./server-view.ts";

const base = "/instance/v1/zones/:zone/servers/:id";

/** Volumes a server may have, its disk among them. */
const mostPerServer = 16;

function requireSettled(server: ServerRecord): void {
  if (server.state === "starting" || server.state === "stopping")
    throw transientState("instance_server", server.id, server.state);
}

/** Throws 409 while the server or the volume is busy, 412 if another server has the volume or this one has too many. */
function attachVolume(project: Project, server: ServerRecord, volume: VolumeRecord): void {
  requireSettled(server);
  if (volume.status !== "ready") throw transientState("volume", volume.id, volume.status);
  if (volume.server !== null) throw preconditionFailed("resource_not_in_use", "the volume is attached");
  if (server.volumes.length + 1 >= mostPerServer)
    throw preconditionFailed("volume_limit", `a server has ${mostPerServer} volumes at most`);
  volume.server = server.id;
  volume.status = "attaching";
  server.volumes = [...server.volumes, volume.id];
  project.later(async () => {
    try {
      await attachToMachine(server, volume);
    } catch (error) {
      server.stateDetail = error instanceof Error ? error.message : String(error);
      release(server, volume);
    }
    volume.status = "ready";
  });
}

/** Throws 400 if it is not a further volume of the server. */
async function detachVolume(server: ServerRecord, volume: VolumeRecord): Promise<void> {
  requireSettled(server);
  if (!server.volumes.includes(volume.id))
    throw invalidArgument("volume_id", "is not attached to the server, or is its disk");
  if (volume.status !== "ready") throw transientState("volume", volume.id, volume.status);
  await detachFromMachine(server, volume);
  release(server, volume);
}

function release(server: ServerRecord, volume: VolumeRecord): void {
  volume.server = null;
  server.volumes = server.volumes.filter((id) => id !== volume.id);
}

/** Attaches what is new and detaches what is not there any more. */
export async function setVolumes(
  project: Project,
  server: ServerRecord,
  wanted: readonly string[],
): Promise<void> {
  const volumes = wanted.map((id) => project.get("volumes", server.zone, id));
  for (const id of server.volumes.filter((before) => !wanted.includes(before)))
    await detachVolume(server, project.get("volumes", server.zone, id));
  for (const volume of volumes.filter(({ id }) => !server.volumes.includes(id)))
    attachVolume(project, server, volume);
}

export function volumeAttachmentRoutes(project: Project): Route[] {
  const volume_id = z.uuid();
  const answer = (server: ServerRecord) => ({
    status: 200 as const,
    body: { server: serverView(project, server) },
  });
  return [
    route({
      method: "POST",
      path: `${base}/attach-volume`,
      body: z.strictObject({
        volume_id,
        volume_type: z.literal("sbs_volume"),
        boot: z.literal(false).optional(),
      }),
      handle: ({ zone, id, body }) => {
        const server = project.get("servers", zone, id);
        attachVolume(project, server, project.get("volumes", zone, body.volume_id));
        return answer(server);
      },
    }),
    route({
      method: "POST",
      path: `${base}/detach-volume`,
      body: z.strictObject({ volume_id }),
      handle: async ({ zone, id, body }) => {
        const server = project.get("servers", zone, id);
        await detachVolume(server, project.get("volumes", zone, body.volume_id));
        return answer(server);
      },
    }),
  ];
}

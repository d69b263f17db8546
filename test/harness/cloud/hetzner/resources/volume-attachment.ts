/** Volumes on servers: what may be attached where, attaching, detaching. */
import type { Action, ActionPlan } from "../actions.ts";
import type { Location } from "../catalog/locations.ts";
import { ApiError, invalidInput } from "../errors.ts";
import type { Project } from "../project.ts";
import type { ServerRecord, VolumeRecord } from "../state.ts";
import { attachToMachine, detachFromMachine } from "./machine-control.ts";

/** Volumes one server may have. */
export const mostVolumesPerServer = 16;

/** Throws unless the volume can be attached to a server there. */
export function requireAttachable(volume: VolumeRecord, location: Location): void {
  if (volume.server !== null) {
    throw new ApiError(
      422,
      "volume_already_attached",
      `volume ${volume.id} is attached to server ${volume.server}`,
    );
  }
  if (volume.location.id !== location.id) {
    throw invalidInput(
      "server",
      `volume ${volume.id} is in ${volume.location.name}, the server in ${location.name}`,
    );
  }
}

/** Throws 403 if the server has as many volumes as it may. */
export function requireRoomOn(project: Project, server: ServerRecord): void {
  const attached = [...project.state.volumes.values()].filter((volume) => volume.server === server.id);
  if (attached.length >= mostVolumesPerServer) {
    throw new ApiError(
      403,
      "resource_limit_exceeded",
      `a server has ${mostVolumesPerServer} volumes at most`,
    );
  }
}

/** Attaches when its turn comes; the volume is the server's only once the machine has it. */
export function attachPlan(server: ServerRecord, volume: VolumeRecord): ActionPlan {
  return {
    command: "attach_volume",
    resources: [
      { type: "server", id: server.id },
      { type: "volume", id: volume.id },
    ],
    work: async () => {
      await attachToMachine(server, volume);
      volume.server = server.id;
    },
  };
}

/** Throws 404, 422 or 423 where the two do not fit or are busy. */
export function attach(project: Project, volume: VolumeRecord, serverId: number): Action {
  const server = project.state.servers.get(serverId);
  if (server === undefined) {
    throw invalidInput("server", `server ${serverId} not found`);
  }
  project.actions.requireUnlocked({ type: "server", id: server.id }, { type: "volume", id: volume.id });
  requireAttachable(volume, server.location);
  requireRoomOn(project, server);
  return project.actions.start(attachPlan(server, volume));
}

/** Throws 422 if it is not attached, 423 if one of the two is busy. */
export function detach(project: Project, volume: VolumeRecord): Action {
  if (volume.server === null) {
    throw new ApiError(422, "volume_not_attached", `volume ${volume.id} is not attached`);
  }
  const server = project.get("servers", volume.server);
  const resources = [
    { type: "server", id: server.id },
    { type: "volume", id: volume.id },
  ] as const;
  project.actions.requireUnlocked(...resources);
  return project.actions.start({
    command: "detach_volume",
    resources,
    work: async () => {
      await detachFromMachine(server, volume);
      volume.server = null;
    },
  });
}

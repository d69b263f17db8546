/** Power of a server: on, off, stopped in place, reboot; and its end. */
import { z } from "zod";
import { ApiError, preconditionFailed, transientState } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { ServerRecord, ServerState } from "../state.ts";
import { ipsOf } from "./ips.ts";
import { powerOn, withMachine } from "./machine-control.ts";
import { nicsOf } from "./private-cards.ts";
import { removeNic } from "./private-nics.ts";
import { allowedActions } from "./server-view.ts";

const base = "/instance/v1/zones/:zone/servers/:id";

interface Change {
  readonly during: ServerState;
  /** null: the server is gone then. */
  readonly after: ServerState | null;
  /** If the work fails. */
  readonly otherwise: ServerState;
  readonly work: () => Promise<void>;
}

function shutDown(server: ServerRecord): Promise<void> {
  return withMachine(server, (machine) => machine.shutdown());
}

/** Takes a server and its machine away. Its addresses and its volumes stay. */
async function remove(project: Project, server: ServerRecord): Promise<void> {
  await withMachine(server, (machine) => machine.destroy());
  for (const ip of ipsOf(project, server)) ip.server = null;
  for (const nic of nicsOf(project, server)) removeNic(project, nic);
  for (const id of [server.rootVolume, ...server.volumes])
    project.get("volumes", server.zone, id).server = null;
  project.state.servers.delete(server.id);
}

function changeOf(project: Project, server: ServerRecord, action: string): Change {
  const boot = () => powerOn(project, server);
  switch (action) {
    case "poweron":
      return { during: "starting", after: "running", otherwise: "stopped", work: boot };
    case "poweroff":
      return { during: "stopping", after: "stopped", otherwise: "running", work: () => shutDown(server) };
    case "stop_in_place":
      return {
        during: "stopping",
        after: "stopped in place",
        otherwise: "running",
        work: () => shutDown(server),
      };
    case "reboot":
      return {
        during: "starting",
        after: "running",
        otherwise: "stopped",
        work: async () => {
          await shutDown(server);
          await boot();
        },
      };
    case "terminate":
      return { during: "stopping", after: null, otherwise: "running", work: () => remove(project, server) };
    default:
      throw new ApiError(
        400,
        "invalid_request_error",
        `action ${action} is unknown to the emulation`,
        {},
        true,
      );
  }
}

/** Throws 409 while something is going on already, 400 where the state or the protection does not allow it. */
function requireAllowed(server: ServerRecord, action: string): void {
  if (allowedActions[server.state].length === 0)
    throw transientState("instance_server", server.id, server.state);
  if (action === "terminate" && server.protected) throw protectedServer(server);
  if (!allowedActions[server.state].includes(action))
    throw new ApiError(
      400,
      "invalid_request_error",
      `server should be in another state than ${server.state}`,
    );
}

function protectedServer(server: ServerRecord): ApiError {
  return preconditionFailed("resource_not_protected", `server ${server.name} is protected against deletion`);
}

async function carryOut(server: ServerRecord, change: Change): Promise<void> {
  try {
    await change.work();
    if (change.after !== null) server.state = change.after;
    server.stateDetail = change.after === "running" ? "booted" : "";
  } catch (error) {
    server.state = change.otherwise;
    server.stateDetail = error instanceof Error ? error.message : String(error);
  }
  server.modified = timestamp();
}

function task(server: ServerRecord): object {
  return {
    id: "00000000-0000-0000-0000-000000000000",
    description: "fake task",
    status: "pending",
    href_from: `/servers/${server.id}/action`,
    href_result: `/servers/${server.id}`,
    started_at: timestamp(),
    terminated_at: null,
    progress: 0,
    zone: server.zone,
  };
}

export function serverActionRoutes(project: Project): Route[] {
  return [
    route({
      method: "POST",
      path: `${base}/action`,
      body: z.strictObject({ action: z.string() }),
      handle: ({ zone, id, body }) => {
        const server = project.get("servers", zone, id);
        const change = changeOf(project, server, body.action);
        requireAllowed(server, body.action);
        server.state = change.during;
        project.later(() => carryOut(server, change));
        return { status: 202, body: { task: task(server) } };
      },
    }),
    plainRoute("DELETE", base, async ({ zone, id }) => {
      const server = project.get("servers", zone, id);
      if (server.protected) throw protectedServer(server);
      if (server.state !== "stopped")
        throw new ApiError(400, "invalid_request_error", "instance should be powered off");
      await remove(project, server);
      return { status: 204, body: null };
    }),
  ];
}

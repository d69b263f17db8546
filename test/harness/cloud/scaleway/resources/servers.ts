/** Servers: making, showing and changing them. */
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { plainRoute, type Route, readRoute, route } from "../route.ts";
import type { ServerRecord } from "../state.ts";
import { createServer, newServer, typeOf } from "./server-create.ts";
import { serverView } from "./server-view.ts";

const base = "/instance/v1/zones/:zone/servers";

const serverChange = z.strictObject({
  name: newServer.shape.name.optional(),
  tags: z.array(z.string()).optional(),
  protected: z.boolean().optional(),
  boot_type: newServer.shape.boot_type,
  commercial_type: z.string().optional(),
  security_group: z.strictObject({ id: z.uuid(), name: z.string() }).optional(),
  /** As it is: the emulation moves no disks. */
  volumes: z
    .strictObject({ "0": z.strictObject({ id: z.uuid(), boot: z.boolean(), name: z.string() }) })
    .optional(),
});

function change(project: Project, server: ServerRecord, body: z.output<typeof serverChange>): void {
  const type = body.commercial_type === undefined ? server.type : typeOf(body.commercial_type);
  if (type !== server.type && server.state !== "stopped")
    throw new ApiError(
      400,
      "invalid_request_error",
      "instance must be stopped to change its commercial type",
    );
  if (type.arch !== server.image.arch)
    throw new ApiError(400, "invalid_request_error", `the disk does not boot on ${type.arch}`);
  if (body.security_group !== undefined)
    server.securityGroup = project.get("security_groups", server.zone, body.security_group.id).id;
  if (body.volumes !== undefined && body.volumes["0"].id !== server.rootVolume)
    throw new ApiError(400, "invalid_request_error", "the emulation moves no disks", {}, true);
  server.type = type;
  server.name = body.name ?? server.name;
  server.tags = body.tags ?? server.tags;
  server.protected = body.protected ?? server.protected;
  server.bootType = body.boot_type ?? server.bootType;
  server.modified = timestamp();
}

export function serverRoutes(project: Project): Route[] {
  const answer = (server: ServerRecord) => ({ server: serverView(project, server) });
  return [
    route({
      method: "POST",
      path: base,
      body: newServer,
      handle: ({ zone, body }) => ({ status: 201, body: answer(createServer(project, zone, body)) }),
    }),
    plainRoute("GET", `${base}/:id`, ({ zone, id }) => ({
      status: 200,
      body: answer(project.get("servers", zone, id)),
    })),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: serverChange,
      handle: ({ zone, id, body }) => {
        const server = project.get("servers", zone, id);
        change(project, server, body);
        return { status: 200, body: answer(server) };
      },
    }),
    // No private networks yet: every server has none of their interfaces.
    readRoute(
      "/instance/v2alpha1/zones/:zone/private-network-interfaces",
      z.strictObject({
        order_by: z.literal("created_at_desc"),
        project_id: z.uuid(),
        server_ids: z.uuid(),
      }),
      ({ zone, query }) => {
        project.requireOwn(query.project_id);
        project.get("servers", zone, query.server_ids);
        return { status: 200, body: { private_network_interfaces: [], total_count: 0 } };
      },
    ),
  ];
}

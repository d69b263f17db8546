/** Servers: making, showing and changing them. */
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { ServerRecord } from "../state.ts";
import { requirePlacement } from "./placement-groups.ts";
import { createServer, newServer, typeOf } from "./server-create.ts";
import { serverView } from "./server-view.ts";
import { setVolumes } from "./volume-attachment.ts";

const base = "/instance/v1/zones/:zone/servers";

const serverChange = z.strictObject({
  name: newServer.shape.name.optional(),
  tags: z.array(z.string()).optional(),
  protected: z.boolean().optional(),
  boot_type: newServer.shape.boot_type,
  commercial_type: z.string().optional(),
  security_group: z.strictObject({ id: z.uuid(), name: z.string() }).optional(),
  placement_group: z.uuid().nullable().optional(),
  /** All of them: what is left out is detached. The disk stays as it is: the emulation moves none. */
  volumes: z
    .object({ "0": z.strictObject({ id: z.uuid(), boot: z.boolean(), name: z.string() }) })
    .catchall(z.strictObject({ id: z.uuid(), volume_type: z.literal("sbs_volume") }))
    .refine((volumes) => Object.keys(volumes).every((slot) => /^\d{1,2}$/.test(slot)), "must be numbered")
    .optional(),
});

async function changeVolumes(
  project: Project,
  server: ServerRecord,
  { volumes }: z.output<typeof serverChange>,
): Promise<void> {
  if (volumes === undefined) return;
  const { "0": disk, ...others } = volumes;
  if (disk.id !== server.rootVolume)
    throw new ApiError(400, "invalid_request_error", "the emulation moves no disks", {}, true);
  await setVolumes(
    project,
    server,
    Object.values(others).map(({ id }) => id),
  );
}

function changePlacement(project: Project, server: ServerRecord, group: string | null): void {
  if (group !== null && server.state !== "stopped")
    throw new ApiError(
      400,
      "invalid_request_error",
      "instance must be stopped to change its placement group",
    );
  server.placementGroup = group === null ? null : requirePlacement(project, server.zone, group);
}

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
  if (body.placement_group !== undefined) changePlacement(project, server, body.placement_group);
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
      handle: async ({ zone, id, body }) => {
        const server = project.get("servers", zone, id);
        await changeVolumes(project, server, body);
        change(project, server, body);
        return { status: 200, body: answer(server) };
      },
    }),
  ];
}

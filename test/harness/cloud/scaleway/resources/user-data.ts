/** User data of a server, by key; `cloud-init` is what the machine reads at its first boot. */
import { z } from "zod";
import { notFound } from "../errors.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";

const base = "/instance/v1/zones/:zone/servers/:id/user_data";
/** Of one key, in bytes. */
const largest = 127_998;

export function userDataRoutes(project: Project): Route[] {
  return [
    plainRoute("GET", base, ({ zone, id }) => ({
      status: 200,
      body: { user_data: [...project.get("servers", zone, id).userData.keys()].sort() },
    })),
    plainRoute("GET", `${base}/:key`, ({ zone, id, key }) => {
      const value = project.get("servers", zone, id).userData.get(key);
      if (value === undefined) throw notFound("user_data", key);
      return { status: 200, body: value };
    }),
    route({
      method: "PATCH",
      path: `${base}/:key`,
      body: z.string().max(largest),
      handle: ({ zone, id, key, body }) => {
        project.get("servers", zone, id).userData.set(key, body);
        return { status: 204, body: null };
      },
    }),
    plainRoute("DELETE", `${base}/:key`, ({ zone, id, key }) => {
      project.get("servers", zone, id).userData.delete(key);
      return { status: 204, body: null };
    }),
  ];
}

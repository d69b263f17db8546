/** `/placement_groups`. */
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { oneOf } from "../listing.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { PlacementGroupRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { created, labelsSchema, nameSchema, noContent, readRoutes, renameRoute } from "./shared.ts";

/** Servers a spread group may hold. */
const largestSpread = 10;

function members(project: Project, group: number): number[] {
  return [...project.state.servers.values()]
    .filter((server) => server.placementGroup === group)
    .map((server) => server.id);
}

export function placementGroupView(project: Project, group: PlacementGroupRecord): object {
  return {
    id: group.id,
    name: group.name,
    labels: group.labels,
    type: group.type,
    created: group.created,
    servers: members(project, group.id),
  };
}

/** Throws 404, or 422 `placement_error` if the group is full. */
export function requirePlacement(project: Project, group: number): void {
  project.get("placement_groups", group);
  if (members(project, group).length >= largestSpread) {
    throw new ApiError(
      422,
      "placement_error",
      `a spread placement group holds ${largestSpread} servers at most`,
    );
  }
}

export function placementGroupRoutes(project: Project): Route[] {
  const view = (group: PlacementGroupRecord): object => placementGroupView(project, group);
  const options = { project, kind: "placement_groups", view } as const;
  return [
    ...readRoutes(options, { type: oneOf((group) => group.type) }),
    renameRoute(options),
    route({
      method: "POST",
      path: "/placement_groups",
      body: z.strictObject({
        name: nameSchema,
        type: z.literal("spread"),
        labels: labelsSchema.default({}),
      }),
      handle: ({ body }) => {
        project.requireUniqueName("placement_groups", body.name);
        project.requireRoom("placement_groups");
        const group = { id: project.nextId(), created: timestamp(), ...body };
        project.state.placement_groups.set(group.id, group);
        return created({ placement_group: view(group), action: null });
      },
    }),
    plainRoute("DELETE", "/placement_groups/:id", ({ id }) => {
      project.get("placement_groups", id);
      if (members(project, id).length > 0) {
        throw new ApiError(409, "resource_in_use", "placement group still holds servers");
      }
      project.state.placement_groups.delete(id);
      return noContent;
    }),
  ];
}

/** Placement groups: made and deleted in version 2 of the API, their mode is known to version 1 only. */
import { z } from "zod";
import { preconditionFailed, quotasExceeded } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { creationRoute, lookRoute, plainRoute, type Route, route } from "../route.ts";
import type { PlacementGroupRecord } from "../state.ts";

const base = "/instance/v2alpha1/zones/:zone/placement-groups";
const oldBase = "/instance/v1/zones/:zone/placement_groups";

/** Servers a group may hold. */
const mostMembers = 20;

function members(project: Project, group: string): number {
  return [...project.state.servers.values()].filter((server) => server.placementGroup === group).length;
}

/** Throws 404, or 403 if the group is full. */
export function requirePlacement(project: Project, zone: string, id: string): string {
  const group = project.get("placement_groups", zone, id);
  if (members(project, group.id) >= mostMembers)
    throw quotasExceeded("instance_placement_group_server", mostMembers);
  return group.id;
}

function view(project: Project, group: PlacementGroupRecord): object {
  return {
    id: group.id,
    project_id: project.id,
    name: group.name,
    policy_type: group.policyType,
    tags: group.tags,
    created_at: group.created,
    updated_at: group.modified,
    zone: group.zone,
  };
}

/** As version 1 shows it, also within a server. */
export function placementGroupView(project: Project, group: PlacementGroupRecord): object {
  return {
    id: group.id,
    name: group.name,
    organization: project.id,
    project: project.id,
    policy_mode: group.policyMode,
    policy_type: group.policyType,
    policy_respected: true,
    tags: group.tags,
    zone: group.zone,
  };
}

const policyType = z.enum(["max_availability", "low_latency"]);
const tags = z.array(z.string());
const creation = z.strictObject({
  project_id: z.uuid(),
  name: z.string().min(1),
  policy_type: policyType,
  tags,
});

function create(project: Project, zone: string, body: z.output<typeof creation>): PlacementGroupRecord {
  project.requireOwn(body.project_id);
  project.requireRoom("placement_groups");
  const group: PlacementGroupRecord = {
    ...project.resource(zone, body.name, body.tags),
    policyType: body.policy_type,
    policyMode: "optional",
  };
  project.state.placement_groups.set(group.id, group);
  return group;
}

export function placementGroupRoutes(project: Project): Route[] {
  const find = (zone: string, id: string) => project.get("placement_groups", zone, id);
  return [
    creationRoute(base, creation, ({ zone, body }) => view(project, create(project, zone, body))),
    lookRoute(base, ({ zone, id }) => view(project, find(zone, id))),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: creation.omit({ project_id: true }).partial(),
      handle: ({ zone, id, body }) => {
        const group = find(zone, id);
        group.name = body.name ?? group.name;
        group.policyType = body.policy_type ?? group.policyType;
        group.tags = body.tags ?? group.tags;
        group.modified = timestamp();
        return { status: 200, body: view(project, group) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, ({ zone, id }) => {
      const group = find(zone, id);
      if (members(project, group.id) > 0)
        throw preconditionFailed("resource_not_in_use", "the placement group still holds servers");
      project.state.placement_groups.delete(group.id);
      return { status: 204, body: null };
    }),
    plainRoute("GET", `${oldBase}/:id`, ({ zone, id }) => ({
      status: 200,
      body: { placement_group: placementGroupView(project, find(zone, id)) },
    })),
    route({
      method: "PATCH",
      path: `${oldBase}/:id`,
      body: z.strictObject({ policy_mode: z.enum(["optional", "enforced"]) }),
      handle: ({ zone, id, body }) => {
        const group = find(zone, id);
        group.policyMode = body.policy_mode;
        return { status: 200, body: { placement_group: placementGroupView(project, group) } };
      },
    }),
  ];
}

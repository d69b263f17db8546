/** `/firewalls`: rules, and the servers they are applied to directly or by label selector. */
import { z } from "zod";
import type { Action } from "../actions.ts";
import { ApiError } from "../errors.ts";
import { parseLabelSelector } from "../labels.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { FirewallRecord, ServerRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { rulesSchema } from "./firewall-rules.ts";
import {
  created,
  historyRoutes,
  idSchema,
  labelsSchema,
  nameSchema,
  noContent,
  readRoutes,
  renameRoute,
} from "./shared.ts";

/** Firewalls one server may have. */
export const mostFirewallsPerServer = 5;
const targetSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("server"), server: z.strictObject({ id: idSchema }) }),
  z.strictObject({
    type: z.literal("label_selector"),
    label_selector: z.strictObject({ selector: z.string().min(1) }),
    // The client echoes what it read when it removes a firewall from a selector.
    applied_to_resources: z.array(z.unknown()).optional(),
  }),
]);
type Target = z.output<typeof targetSchema>;

function selects(firewall: FirewallRecord, server: ServerRecord): boolean {
  return [...firewall.selectors].some((selector) => parseLabelSelector(selector)(server.labels));
}

/** Firewalls in force on a server, directly or by label. */
export function firewallsOf(project: Project, server: ServerRecord): FirewallRecord[] {
  return [...project.state.firewalls.values()].filter(
    (firewall) => firewall.servers.has(server.id) || selects(firewall, server),
  );
}

function view(project: Project, firewall: FirewallRecord): object {
  const bySelector = [...firewall.selectors].map((selector) => ({
    type: "label_selector",
    label_selector: { selector },
    applied_to_resources: [...project.state.servers.values()]
      .filter((server) => parseLabelSelector(selector)(server.labels))
      .map((server) => ({ type: "server", server: { id: server.id } })),
  }));
  return {
    id: firewall.id,
    name: firewall.name,
    labels: firewall.labels,
    created: firewall.created,
    rules: firewall.rules,
    applied_to: [...[...firewall.servers].map((id) => ({ type: "server", server: { id } })), ...bySelector],
  };
}

/** Checks all targets before any is changed. */
function requireTargets(project: Project, targets: readonly Target[]): void {
  for (const target of targets) {
    if (target.type === "label_selector") {
      parseLabelSelector(target.label_selector.selector);
    } else if (!project.state.servers.has(target.server.id)) {
      throw new ApiError(422, "firewall_resource_not_found", `server ${target.server.id} not found`);
    } else {
      project.actions.requireUnlocked({ type: "server", id: target.server.id });
    }
  }
}

function apply(project: Project, firewall: FirewallRecord, targets: readonly Target[]): Action[] {
  requireTargets(project, targets);
  for (const target of targets) {
    if (target.type === "server") {
      const server = project.get("servers", target.server.id);
      if (!firewall.servers.has(server.id) && firewallsOf(project, server).length >= mostFirewallsPerServer) {
        throw new ApiError(
          403,
          "resource_limit_exceeded",
          `a server has ${mostFirewallsPerServer} firewalls at most`,
        );
      }
    }
  }
  return targets.map((target) => {
    if (target.type === "server") {
      firewall.servers.add(target.server.id);
    } else {
      firewall.selectors.add(target.label_selector.selector);
    }
    return startOn(project, "apply_firewall", firewall, target);
  });
}

function remove(project: Project, firewall: FirewallRecord, targets: readonly Target[]): Action[] {
  requireTargets(project, targets);
  return targets.map((target) => {
    if (target.type === "server") {
      firewall.servers.delete(target.server.id);
    } else {
      firewall.selectors.delete(target.label_selector.selector);
    }
    return startOn(project, "remove_firewall", firewall, target);
  });
}

function startOn(project: Project, command: string, firewall: FirewallRecord, target: Target): Action {
  const server = target.type === "server" ? ([{ type: "server", id: target.server.id }] as const) : [];
  return project.actions.start({ command, resources: [{ type: "firewall", id: firewall.id }, ...server] });
}

const createSchema = z.strictObject({
  name: nameSchema,
  labels: labelsSchema.default({}),
  rules: rulesSchema.default([]),
  apply_to: z.array(targetSchema).default([]),
});

function create(project: Project, body: z.output<typeof createSchema>): object {
  project.requireUniqueName("firewalls", body.name);
  project.requireRoom("firewalls");
  const firewall: FirewallRecord = {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    rules: body.rules,
    servers: new Set(),
    selectors: new Set(),
  };
  const applied = apply(project, firewall, body.apply_to);
  project.state.firewalls.set(firewall.id, firewall);
  const resources = [{ type: "firewall", id: firewall.id }] as const;
  const ruled =
    body.rules.length > 0 ? [project.actions.start({ command: "set_firewall_rules", resources })] : [];
  return { firewall: view(project, firewall), actions: [...ruled, ...applied] };
}

export function firewallRoutes(project: Project): Route[] {
  const options = {
    project,
    kind: "firewalls",
    view: (firewall: FirewallRecord) => view(project, firewall),
  } as const;
  return [
    ...readRoutes(options),
    ...historyRoutes(project, "firewalls", "firewall"),
    renameRoute(options),
    route({
      method: "POST",
      path: "/firewalls",
      body: createSchema,
      handle: ({ body }) => created(create(project, body)),
    }),
    plainRoute("DELETE", "/firewalls/:id", ({ id }) => {
      const firewall = project.get("firewalls", id);
      if (firewall.servers.size > 0 || firewall.selectors.size > 0) {
        throw new ApiError(422, "resource_in_use", "firewall is still applied to resources");
      }
      project.state.firewalls.delete(id);
      return noContent;
    }),
    route({
      method: "POST",
      path: "/firewalls/:id/actions/set_rules",
      body: z.strictObject({ rules: rulesSchema }),
      handle: ({ id, body }) => {
        project.get("firewalls", id).rules = body.rules;
        const resources = [{ type: "firewall", id }] as const;
        return created({ actions: [project.actions.start({ command: "set_firewall_rules", resources })] });
      },
    }),
    route({
      method: "POST",
      path: "/firewalls/:id/actions/apply_to_resources",
      body: z.strictObject({ apply_to: z.array(targetSchema).min(1) }),
      handle: ({ id, body }) =>
        created({ actions: apply(project, project.get("firewalls", id), body.apply_to) }),
    }),
    route({
      method: "POST",
      path: "/firewalls/:id/actions/remove_from_resources",
      body: z.strictObject({ remove_from: z.array(targetSchema).min(1) }),
      handle: ({ id, body }) =>
        created({ actions: remove(project, project.get("firewalls", id), body.remove_from) }),
    }),
  ];
}

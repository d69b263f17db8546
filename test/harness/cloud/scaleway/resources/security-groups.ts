/** Security groups: a policy for each direction and rules that differ from it. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { pageOf, pageQuery, plainRoute, type Route, readRoute, route } from "../route.ts";
import type { SecurityGroupRecord, SecurityGroupRule } from "../state.ts";

const base = "/instance/v1/zones/:zone/security_groups";
const policy = z.enum(["accept", "drop"]);
const port = z.int().min(1).max(65535);
const smtpPorts = [25, 465, 587];

const settings = z.strictObject({
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  stateful: z.boolean().optional(),
  inbound_default_policy: policy.optional(),
  outbound_default_policy: policy.optional(),
  enable_default_security: z.boolean().optional(),
});

const ruleSchema = z.strictObject({
  id: z.null(),
  action: policy,
  protocol: z.enum(["TCP", "UDP", "ICMP", "ANY"]),
  direction: z.enum(["inbound", "outbound"]),
  ip_range: z.union([z.cidrv4(), z.cidrv6()]),
  dest_port_from: port.nullable(),
  dest_port_to: port.nullable(),
  position: z.literal(0),
  editable: z.null(),
  zone: z.string(),
});

function view(project: Project, group: SecurityGroupRecord): object {
  const members = [...project.state.servers.values()].filter((server) => server.securityGroup === group.id);
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    organization: project.id,
    project: project.id,
    servers: members.map(({ id, name }) => ({ id, name })),
    stateful: group.stateful,
    inbound_default_policy: group.inbound,
    outbound_default_policy: group.outbound,
    organization_default: false,
    project_default: group.projectDefault,
    enable_default_security: group.defaultSecurity,
    state: "available",
    tags: group.tags,
    zone: group.zone,
    creation_date: group.created,
    modification_date: group.modified,
  };
}

/** Mail is blocked outwards unless a group says otherwise; nobody can edit these rules. */
function fixedRules(group: SecurityGroupRecord): SecurityGroupRule[] {
  if (!group.defaultSecurity) return [];
  return ["0.0.0.0/0", "::/0"].flatMap((range, family) =>
    smtpPorts.map((smtp, index) => ({
      id: `11111111-2222-4333-8444-00000000000${family * smtpPorts.length + index + 1}`,
      protocol: "TCP" as const,
      direction: "outbound" as const,
      action: "drop" as const,
      ip_range: range,
      dest_port_from: smtp,
      dest_port_to: null,
      editable: false,
    })),
  );
}

/** All rules as the API lists them; positions count for each direction and kind. */
function ruleViews(group: SecurityGroupRecord): object[] {
  const numbered = (rules: readonly SecurityGroupRule[]) => {
    const counts = { inbound: 0, outbound: 0 };
    return rules.map((rule) => {
      counts[rule.direction] += 1;
      return { ...rule, dest_ip_range: null, position: counts[rule.direction], zone: group.zone };
    });
  };
  return [...numbered(fixedRules(group)), ...numbered(group.rules)];
}

function newGroup(
  project: Project,
  zone: string,
  name: string,
  projectDefault: boolean,
): SecurityGroupRecord {
  const group: SecurityGroupRecord = {
    ...project.resource(zone, name),
    projectDefault,
    description: null,
    stateful: true,
    inbound: "accept",
    outbound: "accept",
    defaultSecurity: true,
    rules: [],
  };
  project.state.security_groups.set(group.id, group);
  return group;
}

function change(group: SecurityGroupRecord, body: z.output<typeof settings>): void {
  group.name = body.name ?? group.name;
  group.description = body.description ?? group.description;
  group.tags = body.tags ?? group.tags;
  group.stateful = body.stateful ?? group.stateful;
  group.inbound = body.inbound_default_policy ?? group.inbound;
  group.outbound = body.outbound_default_policy ?? group.outbound;
  group.defaultSecurity = body.enable_default_security ?? group.defaultSecurity;
  group.modified = timestamp();
}

/** The group of servers that name none: made with the first of them, and there to stay. */
export function defaultGroup(project: Project, zone: string): SecurityGroupRecord {
  const groups = [...project.state.security_groups.values()];
  const found = groups.find((group) => group.projectDefault && group.zone === zone);
  return found ?? newGroup(project, zone, "Default security group", true);
}

export function securityGroupRoutes(project: Project): Route[] {
  return [
    route({
      method: "POST",
      path: base,
      body: settings.extend({ name: z.string().min(1), project: z.uuid().optional() }),
      handle: ({ zone, body: { project: owner, ...body } }) => {
        project.requireOwn(owner);
        project.requireRoom("security_groups");
        const group = newGroup(project, zone, body.name, false);
        change(group, body);
        return { status: 201, body: { security_group: view(project, group) } };
      },
    }),
    plainRoute("GET", `${base}/:id`, ({ zone, id }) => ({
      status: 200,
      body: { security_group: view(project, project.get("security_groups", zone, id)) },
    })),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: settings,
      handle: ({ zone, id, body }) => {
        const group = project.get("security_groups", zone, id);
        change(group, body);
        return { status: 200, body: { security_group: view(project, group) } };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, ({ zone, id }) => {
      const group = project.get("security_groups", zone, id);
      const used = [...project.state.servers.values()].some((server) => server.securityGroup === group.id);
      if (used) throw new ApiError(400, "invalid_request_error", "group is in use. you cannot delete it.");
      project.state.security_groups.delete(group.id);
      return { status: 204, body: null };
    }),
    readRoute(`${base}/:id/rules`, pageQuery, ({ zone, id, query }) => {
      const rules = ruleViews(project.get("security_groups", zone, id));
      return { status: 200, body: { rules: pageOf(rules, query) }, total: rules.length };
    }),
    route({
      method: "PUT",
      path: `${base}/:id/rules`,
      body: z.strictObject({ rules: z.array(ruleSchema) }),
      handle: ({ zone, id, body }) => {
        const group = project.get("security_groups", zone, id);
        group.rules = body.rules.map(({ position: _, zone: __, ...rule }) => ({
          ...rule,
          id: randomUUID(),
          editable: true,
        }));
        const rules = ruleViews(group);
        return { status: 200, body: { rules }, total: rules.length };
      },
    }),
  ];
}

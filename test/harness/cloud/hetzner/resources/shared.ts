/** What all kinds of resources have in common: fetching, renaming, labelling, the history of their actions. */
import { z } from "zod";
import type { Action, ResourceType } from "../actions.ts";
import { notFound } from "../errors.ts";
import { labelsSchema } from "../labels.ts";
import { type Filter, labelFilter, listPage, oneOf, type Query } from "../listing.ts";
import { type Project, singular } from "../project.ts";
import { listRoute, plainRoute, type Reply, type Route, route } from "../route.ts";
import type { Kind, Records, Resource } from "../state.ts";

export const nameSchema = z.string().min(1).max(64);
/** Server names are host names (RFC 1123). */
export const hostnameSchema = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, "must be a valid hostname as per RFC 1123");
export const idSchema = z.int().positive();
export const protectionSchema = z.strictObject({ delete: z.boolean() });
export { labelsSchema };

/** Where a kind's records come from and how they look. */
export interface KindOptions<K extends Kind> {
  readonly project: Project;
  readonly kind: K;
  readonly view: (record: Records[K]) => object;
}

export function created(body: object): Reply {
  return { status: 201, body };
}

export function ok(body: object): Reply {
  return { status: 200, body };
}

export const noContent: Reply = { status: 204, body: null };

/** `GET /<kind>` with filters for name and labels plus `filters`, and `GET /<kind>/:id`. */
export function readRoutes<K extends Kind>(
  options: KindOptions<K>,
  filters: Readonly<Record<string, Filter<Records[K]>>> = {},
): Route[] {
  const { project, kind, view } = options;
  const records = project.state[kind];
  return [
    listRoute(`/${kind}`, (query) =>
      listPage<Records[K]>(records.values(), query, {
        key: kind,
        filters: { name: oneOf((record) => record.name), label_selector: labelFilter(), ...filters },
        sort: {
          id: (record) => record.id,
          name: (record) => record.name,
          created: (record) => record.created,
        },
        view,
      }),
    ),
    plainRoute("GET", `/${kind}/:id`, ({ id }) => ok({ [singular[kind]]: view(project.get(kind, id)) })),
  ];
}

/** `PUT /<kind>/:id` for name and labels. */
export function renameRoute<K extends Kind>(options: KindOptions<K>, name: z.ZodString = nameSchema): Route {
  return route({
    method: "PUT",
    path: `/${options.kind}/:id`,
    body: z.strictObject({ name: name.optional(), labels: labelsSchema.optional() }),
    handle: ({ id, body }) => {
      const record = options.project.get(options.kind, id);
      rename(options.project, options.kind, record, body);
      return ok({ [singular[options.kind]]: options.view(record) });
    },
  });
}

/** Changes name and labels where given. Throws 409 if the name is taken. */
export function rename(
  project: Project,
  kind: Kind,
  record: Resource,
  change: { readonly name?: string | undefined; readonly labels?: Resource["labels"] | undefined },
): void {
  if (change.name !== undefined) {
    project.requireUniqueName(kind, change.name, record.id);
    record.name = change.name;
  }
  if (change.labels !== undefined) {
    record.labels = change.labels;
  }
}

const actionFilters: Readonly<Record<string, Filter<Action>>> = {
  id: oneOf((action) => action.id),
  status: oneOf((action) => action.status),
};

export function listActions(actions: Iterable<Action>, query: Query): object {
  return listPage(actions, query, {
    key: "actions",
    filters: actionFilters,
    sort: {
      id: (action) => action.id,
      command: (action) => action.command,
      status: (action) => action.status,
      started: (action) => action.started,
      finished: (action) => action.finished,
    },
    view: (action) => action,
  });
}

/** `GET /<kind>/actions[/:id]` and `GET /<kind>/:id/actions[/:id]`. */
export function historyRoutes(project: Project, kind: Kind, type: ResourceType): Route[] {
  const about = (id: number | null): Action[] =>
    [...project.actions.all()].filter((action) =>
      action.resources.some((used) => used.type === type && (id === null || used.id === id)),
    );
  const one = (candidates: readonly Action[], id: number): Reply => {
    const action = candidates.find((candidate) => candidate.id === id);
    if (action === undefined) {
      throw notFound("action", id);
    }
    return ok({ action });
  };
  return [
    listRoute(`/${kind}/actions`, (query) => listActions(about(null), query)),
    plainRoute("GET", `/${kind}/actions/:id`, ({ id }) => one(about(null), id)),
    listRoute(`/${kind}/:id/actions`, (query, id) => {
      project.get(kind, id);
      return listActions(about(id), query);
    }),
    plainRoute("GET", `/${kind}/:id/actions/:action`, ({ id, ids }) => one(about(id), ids[1] ?? 0)),
  ];
}

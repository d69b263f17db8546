/** One API route: method, path, strict body schema, handler. */
import { z } from "zod";
import { ApiError, type FieldFault, unknownInput } from "./errors.ts";
import type { Query } from "./listing.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A request after authentication; ids come from the path. */
export interface Call<Body> {
  readonly ids: readonly number[];
  /** First id of the path; 0 if it has none. */
  readonly id: number;
  readonly query: Query;
  readonly body: Body;
}

export interface Reply {
  readonly status: 200 | 201 | 204;
  readonly body: object | null;
}

export interface Route {
  readonly method: Method;
  /** Fastify path without version prefix: `/servers/:id`. */
  readonly path: string;
  handle(call: Call<unknown>): Reply | Promise<Reply>;
}

/** Posts without a body send either nothing or `{}`. */
export const emptyBody = z.union([z.undefined(), z.strictObject({})]);

interface RouteDefinition<Body extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly body: Body;
  readonly handle: (call: Call<z.output<Body>>) => Reply | Promise<Reply>;
}

/** A route whose body must match `body` exactly, and which takes no query parameters. */
export function route<Body extends z.ZodType>(definition: RouteDefinition<Body>): Route {
  const { method, path, body, handle } = definition;
  return {
    method,
    path,
    handle: (call) => {
      refuseQuery(call.query);
      return handle({ ...call, body: parseBody(body, call.body) });
    },
  };
}

/** A route without body. */
export function plainRoute(
  method: Method,
  path: string,
  handle: (call: Call<undefined>) => Reply | Promise<Reply>,
): Route {
  return route({ method, path, body: emptyBody, handle: (call) => handle({ ...call, body: undefined }) });
}

/** A list: its query parameters are checked by the listing itself. */
export function listRoute(path: string, handle: (query: Query, id: number) => object): Route {
  return {
    method: "GET",
    path,
    handle: (call) => {
      parseBody(emptyBody, call.body);
      return { status: 200, body: handle(call.query, call.id) };
    },
  };
}

function refuseQuery(query: Query): void {
  if (query.size > 0) {
    throw unknownInput([...query.keys()], "query parameter");
  }
}

function parseBody<Body extends z.ZodType>(schema: Body, body: unknown): z.output<Body> {
  const result = schema.safeParse(body);
  if (result.success) {
    return result.data;
  }
  const unknown = result.error.issues.flatMap(unknownKeys);
  if (unknown.length > 0) {
    throw unknownInput(unknown, "field");
  }
  const fields = result.error.issues.map(toFieldFault);
  const names = fields.map((field) => `'${field.name}'`).join(", ");
  throw new ApiError(422, "invalid_input", `invalid input in field ${names}`, { fields });
}

type Issue = z.core.$ZodIssue;

function unknownKeys(issue: Issue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => [...issue.path, key].join("."));
  }
  if (issue.code === "invalid_union") {
    return issue.errors
      .flat()
      .flatMap((inner) => unknownKeys({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [];
}

function toFieldFault(issue: Issue): FieldFault {
  return { name: issue.path.join(".") || "body", messages: [issue.message] };
}

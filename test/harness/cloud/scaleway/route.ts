/** One API route: method, path, strict schemas of query and body, handler. */
import { z } from "zod";
import { regions, zones } from "./catalog.ts";
import { ApiError, notFound, unknownArguments } from "./errors.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A request after authentication. */
export interface Call<Query, Body> {
  /** Of the path; empty where it names none. */
  readonly zone: string;
  /** Of the path; empty where it names none. */
  readonly region: string;
  /** `:id` of the path; empty where it has none. */
  readonly id: string;
  /** `:key` of the path; empty where it has none. */
  readonly key: string;
  readonly query: Query;
  readonly body: Body;
}

export interface Reply {
  readonly status: 200 | 201 | 202 | 204;
  /** A text is answered as text/plain, null as nothing. */
  readonly body: object | string | null;
  /** Length of the whole list, of which this is one page. */
  readonly total?: number;
}

/** A request as it came, before its route has looked at it. */
interface RawCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

export interface Route {
  readonly method: Method;
  /** Fastify path: `/instance/v1/zones/:zone/ips/:id`. */
  readonly path: string;
  handle(call: RawCall): Reply | Promise<Reply>;
}

interface RouteDefinition<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly query: Query;
  readonly body: Body;
  readonly handle: (call: Call<z.output<Query>, z.output<Body>>) => Reply | Promise<Reply>;
}

const nothing = z.union([z.undefined(), z.null(), z.strictObject({})]);
const noQuery = z.strictObject({});

/** A route whose query and body must match their schemas exactly. */
function routeWithQuery<Query extends z.ZodType, Body extends z.ZodType>(
  definition: RouteDefinition<Query, Body>,
): Route {
  const { method, path, query, body, handle } = definition;
  return {
    method,
    path,
    handle: (call) =>
      handle({
        zone: zoneOf(call.params["zone"]),
        region: regionOf(call.params["region"]),
        id: call.params["id"] ?? "",
        key: call.params["key"] ?? "",
        query: parse(query, call.query),
        body: parse(body, call.body),
      }),
  };
}

/** A route without query parameters. */
export function route<Body extends z.ZodType>(
  definition: Omit<RouteDefinition<typeof noQuery, Body>, "query">,
): Route {
  return routeWithQuery({ ...definition, query: noQuery });
}

/** A route with neither query nor body. */
export function plainRoute(
  method: Method,
  path: string,
  handle: (call: Call<unknown, unknown>) => Reply | Promise<Reply>,
): Route {
  return route({ method, path, body: nothing, handle });
}

/** `POST base`, answered with what was made. */
export function creationRoute<Body extends z.ZodType>(
  base: string,
  body: Body,
  make: (call: Call<unknown, z.output<Body>>) => object,
): Route {
  return route({ method: "POST", path: base, body, handle: (call) => ({ status: 200, body: make(call) }) });
}

/** `GET base/:id`, answered with what is there. */
export function lookRoute(base: string, find: (call: Call<unknown, unknown>) => object): Route {
  return plainRoute("GET", `${base}/:id`, (call) => ({ status: 200, body: find(call) }));
}

/** A read with query parameters. */
export function readRoute<Query extends z.ZodType>(
  path: string,
  query: Query,
  handle: (call: Call<z.output<Query>, unknown>) => Reply,
): Route {
  return routeWithQuery({ method: "GET", path, query, body: nothing, handle });
}

const wholeNumber = z
  .string()
  .regex(/^[1-9]\d{0,5}$/)
  .transform(Number);

/** Query parameters of the instance API's lists. */
export const pageQuery = z.strictObject({ page: wholeNumber.optional(), per_page: wholeNumber.optional() });

const defaultPageSize = 50;

/** One page of a list. */
export function pageOf<Item>(items: readonly Item[], query: z.output<typeof pageQuery>): readonly Item[] {
  const { page = 1, per_page: size = defaultPageSize } = query;
  return items.slice((page - 1) * size, page * size);
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined) return "";
  if (!zones.some((known) => known === zone)) throw notFound("zone", zone);
  return zone;
}

function regionOf(region: string | undefined): string {
  if (region === undefined) return "";
  if (!regions.includes(region)) throw notFound("region", region);
  return region;
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const unknown = result.error.issues.flatMap(unknownKeys);
  if (unknown.length > 0) throw unknownArguments(unknown);
  const details = result.error.issues.map((issue) => ({
    argument_name: issue.path.join(".") || "body",
    reason: "constraint",
    help_message: issue.message,
  }));
  throw new ApiError(400, "invalid_arguments", "invalid argument(s)", { details });
}

function unknownKeys(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key].join("."));
  if (issue.code === "invalid_union")
    return issue.errors
      .flat()
      .flatMap((inner) => unknownKeys({ ...inner, path: [...issue.path, ...inner.path] }));
  return [];
}

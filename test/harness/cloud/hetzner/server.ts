/** The HTTP side: authentication, rate limit, faults, journal, error envelope; then the routes. */
import { randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { FaultHit } from "../faults.ts";
import { type InjectedAnswer, withFault } from "../with-fault.ts";
import { hostOf } from "./attribution.ts";
import { addControlRoutes } from "./control.ts";
import { ApiError } from "./errors.ts";
import type { Query } from "./listing.ts";
import type { Route } from "./route.ts";
import { apiRoutes } from "./routes.ts";
import { authenticate, type Service } from "./service.ts";

const prefix = "/v1";
const bodyLimitBytes = 1024 * 1024;

/** What a request ends with; `cut` is a connection reset. */
type Outcome =
  | { readonly kind: "answer"; readonly status: number; readonly body: object | null }
  | { readonly kind: "error"; readonly error: ApiError }
  | { readonly kind: "cut" };

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly queryText: string;
  readonly query: Query;
  readonly request: FastifyRequest;
}

function toExchange(request: FastifyRequest): Exchange {
  const url = new URL(request.url, "http://localhost");
  const query = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
  return { method: request.method, path, queryText: url.search.slice(1), query, request };
}

/** Ids of the path, in order. Throws 404 where one is not a number. */
function pathIds(request: FastifyRequest): number[] {
  return Object.values(request.params as Record<string, string>).map((text) => {
    if (!/^[1-9][0-9]{0,15}$/.test(text)) {
      throw new ApiError(404, "not_found", `'${text}' is not a resource id`);
    }
    return Number(text);
  });
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  // A fault of the emulation itself: it must be seen, not look like a wish of the test.
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, "server_error", `emulation failed: ${message}`, { unexpected: true });
}

async function run(route: Route, { request, query }: Exchange): Promise<Outcome> {
  try {
    const ids = pathIds(request);
    const reply = await route.handle({ ids, id: ids[0] ?? 0, query, body: request.body });
    return { kind: "answer", ...reply };
  } catch (error) {
    return { kind: "error", error: toApiError(error) };
  }
}

function injected(answer: InjectedAnswer): Outcome {
  if (answer.kind === "cut") return answer;
  return { kind: "error", error: new ApiError(answer.status, answer.code, answer.message) };
}

/** Sends the outcome and writes it down. */
function finish(
  service: Service,
  exchange: Exchange,
  reply: FastifyReply,
  { outcome, hit, host }: { outcome: Outcome; hit: FaultHit | null; host: string | null },
): void {
  const error = outcome.kind === "error" ? outcome.error : null;
  const status = outcome.kind === "answer" ? outcome.status : (error?.status ?? 0);
  service.journal.record({
    method: exchange.method,
    path: exchange.path,
    query: exchange.queryText,
    status,
    code: error?.code ?? null,
    unexpected: error?.unexpected ?? false,
    fault: hit?.id ?? null,
    host,
  });
  if (outcome.kind === "cut") {
    reply.hijack();
    exchange.request.raw.socket.resetAndDestroy();
    return;
  }
  reply.code(status).header("x-correlation-id", randomBytes(8).toString("hex"));
  const body = outcome.kind === "answer" ? outcome.body : outcome.error.toBody();
  void (body === null ? reply.send() : reply.type("application/json").send(JSON.stringify(body)));
}

async function answer(
  service: Service,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const exchange = toExchange(request);
  const host = hostOf(service.project, { ...exchange, body: request.body });
  let hit: FaultHit | null = null;
  let outcome: Outcome;
  try {
    authenticate(request, service.token);
    const { allowed, headers } = service.rateLimit.take();
    reply.headers(headers);
    if (!allowed) {
      throw new ApiError(429, "rate_limit_exceeded", "rate limit exceeded, try again later");
    }
    hit = service.faults.take(exchange.method, exchange.path);
    outcome = await withFault(hit, () => run(route, exchange), injected);
  } catch (error) {
    outcome = { kind: "error", error: toApiError(error) };
  }
  finish(service, exchange, reply, { outcome, hit, host });
}

/** An empty body is not valid JSON, yet clients send it with every action without arguments. */
function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "string" }, (_request, text, done) => {
    if (text === "") {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(String(text)));
    } catch {
      done(new ApiError(400, "json_error", "request body is not valid JSON"));
    }
  });
}

function refuse(service: Service, request: FastifyRequest, reply: FastifyReply, error: ApiError): void {
  finish(service, toExchange(request), reply, { outcome: { kind: "error", error }, hit: null, host: null });
}

/** Listens on 127.0.0.1; `close` cuts idle and open connections. */
export async function startServer(service: Service): Promise<{ port: number; close: () => Promise<void> }> {
  const server = Fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true, exposeHeadRoutes: false });
  parseJsonBodies(server);
  for (const route of apiRoutes(service.project)) {
    server.route({
      method: route.method,
      url: `${prefix}${route.path}`,
      handler: (request, reply) => answer(service, route, request, reply),
    });
  }
  addControlRoutes(server, service);
  server.setNotFoundHandler((request, reply) => {
    const what = `${request.method} ${request.url}`;
    refuse(service, request, reply, new ApiError(404, "not_found", `no route ${what}`, { unexpected: true }));
  });
  server.setErrorHandler((error, request, reply) => refuse(service, request, reply, toApiError(error)));
  const address = await server.listen({ host: "127.0.0.1", port: service.port });
  return { port: Number(new URL(address).port), close: () => server.close() };
}

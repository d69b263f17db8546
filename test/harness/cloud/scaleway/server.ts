/** The HTTP side: authentication, faults, journal, error envelope; then the routes. */
import { createHash, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { z } from "zod";
import type { FaultHit, Faults } from "../faults.ts";
import type { Journal } from "../journal.ts";
import { type InjectedAnswer, withFault } from "../with-fault.ts";
import { ApiError } from "./errors.ts";
import type { Project } from "./project.ts";
import type { Reply, Route } from "./route.ts";
import { apiRoutes } from "./routes.ts";

const bodyLimitBytes = 1024 * 1024;

/** What the HTTP side works with. */
export interface Service {
  readonly project: Project;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly secretKey: string;
  /** 0: any free port. */
  readonly port: number;
}

/** What a request ends with; `cut` is a connection reset. */
type Outcome =
  | { readonly kind: "answer"; readonly reply: Reply }
  | { readonly kind: "error"; readonly error: ApiError }
  | { readonly kind: "cut" };

const named = z.looseObject({ name: z.string() });

/** Name of the server a request is about, or null. */
function hostOf({ state }: Project, request: FastifyRequest, path: string): string | null {
  const id = /\/servers\/([0-9a-f-]{36})/.exec(path)?.[1];
  if (id !== undefined) return state.servers.get(id)?.name ?? null;
  if (request.method !== "POST" || !path.endsWith("/servers")) return null;
  return named.safeParse(request.body).data?.name ?? null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function authenticate(request: FastifyRequest, secretKey: string): void {
  const given = request.headers["x-auth-token"];
  if (typeof given !== "string" || !timingSafeEqual(digest(given), digest(secretKey)))
    throw new ApiError(401, "denied_authentication", "authentication is denied", {
      method: "api_key",
      reason: "invalid_argument",
    });
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // A fault of the emulation itself: it must be seen, not look like a wish of the test.
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, "internal_error", `emulation failed: ${message}`, {}, true);
}

async function run(route: Route, request: FastifyRequest): Promise<Outcome> {
  try {
    const params = z.record(z.string(), z.string()).parse(request.params);
    const query = z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .parse({ ...(request.query as object) });
    return { kind: "answer", reply: await route.handle({ params, query, body: request.body }) };
  } catch (error) {
    return { kind: "error", error: toApiError(error) };
  }
}

function injected(answer: InjectedAnswer): Outcome {
  if (answer.kind === "cut") return answer;
  return { kind: "error", error: new ApiError(answer.status, answer.code, answer.message) };
}

interface Finished {
  readonly outcome: Outcome;
  readonly hit: FaultHit | null;
  readonly host: string | null;
}

/** Sends the outcome and writes it down. */
function finish(service: Service, request: FastifyRequest, reply: FastifyReply, done: Finished): void {
  const { outcome, hit, host } = done;
  const url = new URL(request.url, "http://localhost");
  const error = outcome.kind === "error" ? outcome.error : null;
  const status = outcome.kind === "answer" ? outcome.reply.status : (error?.status ?? 0);
  service.journal.record({
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    status,
    code: error?.type ?? null,
    unexpected: error?.unexpected ?? false,
    fault: hit?.id ?? null,
    host,
  });
  if (outcome.kind === "cut") {
    reply.hijack();
    request.raw.socket.resetAndDestroy();
    return;
  }
  reply.code(status);
  if (outcome.kind === "answer" && outcome.reply.total !== undefined)
    reply.header("x-total-count", String(outcome.reply.total));
  const body = outcome.kind === "answer" ? outcome.reply.body : outcome.error.toBody();
  if (body === null) void reply.send();
  else if (typeof body === "string") void reply.type("text/plain").send(body);
  else void reply.type("application/json").send(JSON.stringify(body));
}

async function answer(service: Service, route: Route, request: FastifyRequest, reply: FastifyReply) {
  const path = new URL(request.url, "http://localhost").pathname;
  const host = hostOf(service.project, request, path);
  let hit: FaultHit | null = null;
  let outcome: Outcome;
  try {
    authenticate(request, service.secretKey);
    hit = service.faults.take(request.method, path);
    outcome = await withFault(hit, () => run(route, request), injected);
  } catch (error) {
    outcome = { kind: "error", error: toApiError(error) };
  }
  finish(service, request, reply, { outcome, hit, host });
}

/** JSON where the client says so, text for user data, nothing for nothing. */
function parseBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, text, done) =>
    done(null, String(text)),
  );
  server.addContentTypeParser("*", { parseAs: "string" }, (_request, text, done) => {
    if (text === "") {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(String(text)));
    } catch {
      done(new ApiError(400, "invalid_arguments", "request body is not valid JSON"));
    }
  });
}

/** Listens on 127.0.0.1; `close` cuts idle and open connections. */
export async function startServer(service: Service): Promise<{ port: number; close: () => Promise<void> }> {
  const server = Fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true, exposeHeadRoutes: false });
  parseBodies(server);
  for (const route of apiRoutes(service.project)) {
    server.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => answer(service, route, request, reply),
    });
  }
  const refuse = (request: FastifyRequest, reply: FastifyReply, error: ApiError) =>
    finish(service, request, reply, { outcome: { kind: "error", error }, hit: null, host: null });
  server.setNotFoundHandler((request, reply) => {
    const what = `no route ${request.method} ${request.url}`;
    refuse(request, reply, new ApiError(404, "unknown_route", what, {}, true));
  });
  server.setErrorHandler((error, request, reply) => refuse(request, reply, toApiError(error)));
  const address = await server.listen({ host: "127.0.0.1", port: service.port });
  return { port: Number(new URL(address).port), close: () => server.close() };
}

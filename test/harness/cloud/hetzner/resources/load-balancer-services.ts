/** Services of a load balancer: bodies, defaults, and what one excludes. Limits as in docs.hetzner.cloud, Load Balancer Actions. */
import { z } from "zod";
import { ApiError, invalidInput } from "../errors.ts";
import type { BalancerHealthCheck, BalancerProtocol, BalancerService, LoadBalancerRecord } from "../state.ts";

const protocol = z.enum(["tcp", "http", "https"]);
const port = z.int().min(1).max(65535);

const httpSchema = z.strictObject({
  cookie_name: z.string().min(1).optional(),
  cookie_lifetime: z.int().min(30).max(86_400).optional(),
  certificates: z.array(z.int().positive()).optional(),
  redirect_http: z.boolean().optional(),
  sticky_sessions: z.boolean().optional(),
});

const checkHttpSchema = z.strictObject({
  domain: z.string().optional(),
  path: z.string().optional(),
  response: z.string().optional(),
  status_codes: z
    .array(z.string().regex(/^[1-5][0-9?]{2}$/, "must be a status code such as 200 or 2??"))
    .optional(),
  tls: z.boolean().optional(),
});

const checkSchema = z.strictObject({
  protocol: protocol.optional(),
  port: port.optional(),
  interval: z.int().min(3).max(60).optional(),
  timeout: z.int().min(1).max(60).optional(),
  retries: z.int().min(1).max(5).optional(),
  http: checkHttpSchema.optional(),
});

const settings = {
  destination_port: port.optional(),
  proxyprotocol: z.boolean().optional(),
  http: httpSchema.optional(),
  health_check: checkSchema.optional(),
};

export const addServiceSchema = z.strictObject({ protocol, listen_port: port.optional(), ...settings });
export const updateServiceSchema = z.strictObject({
  listen_port: port,
  protocol: protocol.optional(),
  ...settings,
});
export const deleteServiceSchema = z.strictObject({ listen_port: port });

const usualPorts: Readonly<Record<BalancerProtocol, number | undefined>> = {
  tcp: undefined,
  http: 80,
  https: 443,
};

/** Adds a service with the API's defaults. */
export function addService(balancer: LoadBalancerRecord, body: z.output<typeof addServiceSchema>): void {
  if (balancer.services.length >= balancer.type.maxServices) {
    throw new ApiError(
      403,
      "resource_limit_exceeded",
      `${balancer.type.name} has ${balancer.type.maxServices} services at most`,
    );
  }
  const listen = body.listen_port ?? usualPorts[body.protocol];
  if (listen === undefined) {
    throw invalidInput("listen_port", "is needed for tcp");
  }
  const destination = body.destination_port ?? (body.protocol === "tcp" ? listen : 80);
  const service: BalancerService = {
    protocol: body.protocol,
    listen_port: listen,
    destination_port: destination,
    proxyprotocol: body.proxyprotocol ?? false,
    http: httpOf(body.protocol, body.http, undefined),
    health_check: checkOf(body.health_check, {
      protocol: body.protocol === "tcp" ? "tcp" : "http",
      port: destination,
      ...{ interval: 15, timeout: 10, retries: 3, http: null },
    }),
  };
  requireFree(balancer.services, service);
  balancer.services = [...balancer.services, service];
}

/** Changes what is given. Throws 404. */
export function updateService(
  balancer: LoadBalancerRecord,
  body: z.output<typeof updateServiceSchema>,
): void {
  const before = serviceOf(balancer, body.listen_port);
  const kind = body.protocol ?? before.protocol;
  const service: BalancerService = {
    protocol: kind,
    listen_port: before.listen_port,
    destination_port: body.destination_port ?? before.destination_port,
    proxyprotocol: body.proxyprotocol ?? before.proxyprotocol,
    http: httpOf(kind, body.http, before.http ?? undefined),
    health_check: checkOf(body.health_check, before.health_check),
  };
  const others = balancer.services.filter((each) => each !== before);
  requireFree(others, service);
  balancer.services = balancer.services.map((each) => (each === before ? service : each));
}

/** Throws 404. */
export function removeService(balancer: LoadBalancerRecord, listenPort: number): void {
  const service = serviceOf(balancer, listenPort);
  balancer.services = balancer.services.filter((each) => each !== service);
}

function serviceOf(balancer: LoadBalancerRecord, listenPort: number): BalancerService {
  const found = balancer.services.find((each) => each.listen_port === listenPort);
  if (found === undefined) {
    throw new ApiError(404, "not_found", `load balancer ${balancer.id} has no service on port ${listenPort}`);
  }
  return found;
}

function httpOf(
  kind: BalancerProtocol,
  given: z.output<typeof httpSchema> | undefined,
  before: BalancerService["http"] | undefined,
): BalancerService["http"] {
  if (kind === "tcp") {
    if (given !== undefined) {
      throw invalidInput("http", "is for http and https only");
    }
    return null;
  }
  const http = {
    cookie_name: given?.cookie_name ?? before?.cookie_name ?? "HCLBSTICKY",
    cookie_lifetime: given?.cookie_lifetime ?? before?.cookie_lifetime ?? 300,
    certificates: given?.certificates ?? before?.certificates ?? [],
    redirect_http: given?.redirect_http ?? before?.redirect_http ?? false,
    sticky_sessions: given?.sticky_sessions ?? before?.sticky_sessions ?? false,
  };
  if (kind === "https" && http.certificates.length === 0) {
    throw invalidInput("http.certificates", "https needs at least one");
  }
  if (kind === "http" && (http.certificates.length > 0 || http.redirect_http)) {
    throw invalidInput("http", "certificates and redirect_http are for https only");
  }
  return http;
}

function checkOf(
  given: z.output<typeof checkSchema> | undefined,
  before: BalancerHealthCheck,
): BalancerHealthCheck {
  const kind = given?.protocol ?? before.protocol;
  const check = {
    protocol: kind,
    port: given?.port ?? before.port,
    interval: given?.interval ?? before.interval,
    timeout: given?.timeout ?? before.timeout,
    retries: given?.retries ?? before.retries,
  };
  if (check.timeout > check.interval) {
    throw invalidInput("health_check.timeout", "must not be longer than the interval");
  }
  if (kind === "tcp") {
    if (given?.http !== undefined) {
      throw invalidInput("health_check.http", "is for http and https only");
    }
    return { ...check, http: null };
  }
  const { http } = before;
  return {
    ...check,
    http: {
      domain: given?.http?.domain ?? http?.domain ?? "",
      path: given?.http?.path ?? http?.path ?? "/",
      response: given?.http?.response ?? http?.response ?? "",
      status_codes: given?.http?.status_codes ?? http?.status_codes ?? ["2??", "3??"],
      tls: given?.http?.tls ?? http?.tls ?? false,
    },
  };
}

/** A redirect listens on port 80 as well. */
function portsOf({ listen_port: listen, http }: BalancerService): number[] {
  return http?.redirect_http === true ? [listen, 80] : [listen];
}

function requireFree(services: readonly BalancerService[], service: BalancerService): void {
  const used = new Set(services.flatMap(portsOf));
  const taken = portsOf(service).find((each) => used.has(each));
  if (taken !== undefined) {
    throw new ApiError(409, "source_port_already_used", `source port ${taken} is already in use`);
  }
}

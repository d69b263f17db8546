/** A running emulated cloud with machines in memory, and a client that speaks to it over HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import { z } from "zod";
import {
  type HetznerCloud,
  type HetznerCloudOptions,
  startHetznerCloud,
} from "../../../../harness/cloud/hetzner/cloud.ts";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";

const pollMs = 5;
export const token = "secret-of-the-test-project".padEnd(64, "0");

const actionSchema = z.object({
  id: z.number(),
  command: z.string(),
  status: z.enum(["running", "success", "error"]),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z
      .object({ fields: z.array(z.object({ name: z.string(), messages: z.array(z.string()) })) })
      .nullable(),
  }),
});
const answerSchema = z.object({
  action: actionSchema.nullish(),
  actions: z.array(actionSchema).optional(),
  next_actions: z.array(actionSchema).optional(),
});

type ApiAction = z.output<typeof actionSchema>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or null if there was no body. */
  readonly body: unknown;
}

export interface TestCloud {
  readonly cloud: HetznerCloud;
  readonly machines: MemoryMachineFactory;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls and expects success; waits for all actions of the answer. Returns the answer's `key` object. */
  make(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Calls and expects an error; `status code`, and the names of the rejected fields. */
  refused(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ error: string; fields: string[]; message: string }>;
  /** Polls until none of the actions runs. */
  settled(actions: readonly ApiAction[]): Promise<ApiAction[]>;
}

const running: HetznerCloud[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((cloud) => cloud.close()));
});

async function send(endpoint: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

/** Starts a cloud that ends with the test; actions take 5 ms unless said otherwise. */
export async function startTestCloud(options: Partial<HetznerCloudOptions> = {}): Promise<TestCloud> {
  const machines = new MemoryMachineFactory();
  const cloud = await startHetznerCloud({ token, machines, actionMs: 5, ...options });
  running.push(cloud);
  const call: TestCloud["call"] = (method, path, body) => send(cloud.endpoint, method, path, body);

  const settled: TestCloud["settled"] = async (actions) => {
    if (actions.length === 0) {
      return [];
    }
    const ids = actions.map(({ id }) => `id=${id}`).join("&");
    const answer = await call("GET", `/actions?${ids}&page=1&sort=status&sort=id`);
    const now = z.object({ actions: z.array(actionSchema) }).parse(answer.body).actions;
    if (now.some(({ status }) => status === "running")) {
      await sleep(pollMs);
      return settled(actions);
    }
    return now;
  };

  const make: TestCloud["make"] = async (method, path, body) => {
    const answer = await call(method, path, body);
    if (answer.status >= 400) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    const { action, actions, next_actions: next } = answerSchema.parse(answer.body ?? {});
    const started = [...(action ? [action] : []), ...(actions ?? []), ...(next ?? [])];
    const failed = (await settled(started)).find(({ status }) => status === "error");
    if (failed !== undefined) {
      throw new Error(`${method} ${path}: action ${failed.command} failed: ${failed.error?.message}`);
    }
    return z.record(z.string(), z.unknown()).parse(answer.body ?? {});
  };

  const refused: TestCloud["refused"] = async (method, path, body) => {
    const answer = await call(method, path, body);
    const { error } = errorSchema.parse(answer.body);
    const fields = error.details?.fields.map(({ name }) => name) ?? [];
    return { error: `${answer.status} ${error.code}`, fields, message: error.message };
  };

  return { cloud, machines, call, make, settled, refused };
}

const identified = z.object({ id: z.number() });

/** Creates a resource and returns its id. `kind` is the singular key of the answer. */
export async function idOf(
  cloud: TestCloud,
  kind: string,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<number> {
  const answer = await cloud.make("POST", path, body);
  return identified.parse(answer[kind]).id;
}

/** Creates a running server and returns its id. */
export function newServer(cloud: TestCloud, body: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const base = { name: "web", server_type: "cx23", image: "debian-12", location: "fsn1" };
  return idOf(cloud, "server", "/servers", { ...base, ...body });
}

const serverSchema = z.object({
  name: z.string(),
  status: z.string(),
  locked: z.boolean(),
  labels: z.record(z.string(), z.string()),
  server_type: z.object({ name: z.string() }),
  image: z.object({ id: z.number(), name: z.string(), architecture: z.string() }),
  location: z.object({ name: z.string() }),
  primary_disk_size: z.number(),
  rescue_enabled: z.boolean(),
  backup_window: z.string().nullable(),
  protection: z.object({ delete: z.boolean(), rebuild: z.boolean() }),
  volumes: z.array(z.number()),
  placement_group: z.object({ id: z.number(), servers: z.array(z.number()) }).nullable(),
  private_net: z.array(z.object({ network: z.number(), ip: z.string(), alias_ips: z.array(z.string()) })),
  public_net: z.object({
    ipv4: z.object({ id: z.number(), ip: z.string(), dns_ptr: z.string() }).nullable(),
    ipv6: z
      .object({
        id: z.number(),
        ip: z.string(),
        dns_ptr: z.array(z.object({ ip: z.string(), dns_ptr: z.string() })),
      })
      .nullable(),
    firewalls: z.array(z.object({ id: z.number(), status: z.string() })),
  }),
});

export async function serverOf(cloud: TestCloud, id: number): Promise<z.output<typeof serverSchema>> {
  const answer = await cloud.make("GET", `/servers/${id}`);
  return serverSchema.parse(answer["server"]);
}

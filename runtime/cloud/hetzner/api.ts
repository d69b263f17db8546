import { z } from "zod";
import { deadlineIn } from "../../platform/deadline.ts";
import type { Limits } from "../../platform/limits.ts";
import { pollUntil } from "../../platform/poll-until.ts";
import { CloudError, send, withRetries } from "../http-client.ts";

/** Where the API is and who asks. `token` is a secret. */
export interface ApiAccess {
  readonly endpoint: string;
  readonly token: string;
}

const pause = 0.5;
/** The most the API gives at once. */
const pageSize = 50;

const network = z.object({ ip: z.string() }).nullable();
const serverSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  status: z.string(),
  created: z.iso.datetime({ offset: true }),
  /** An action runs on it. */
  locked: z.boolean(),
  rescue_enabled: z.boolean(),
  labels: z.record(z.string(), z.string()),
  location: z.object({ name: z.string() }),
  server_type: z.object({ name: z.string() }),
  image: z.object({ name: z.string().nullable() }).nullable(),
  /** `ipv6.ip` is a network such as `2001:db8:1::/64`. */
  public_net: z.object({ ipv4: network, ipv6: network }),
});
/** A server as the API shows it (docs.hetzner.cloud, Servers): what we read of it. */
export type ApiServer = z.infer<typeof serverSchema>;

const actionSchema = z.object({
  id: z.number().int(),
  command: z.string(),
  status: z.enum(["running", "success", "error"]),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
const actionAnswer = z.object({ action: actionSchema });
const pageAnswer = z.object({
  meta: z.object({ pagination: z.object({ next_page: z.number().int().nullable() }) }),
});
const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** An answer that says no; `code` as in the API's reference ("Errors"), or `no_answer`. */
export class ApiError extends CloudError {
  constructor(what: string, code: string, message: string, { passing = false, next = againHint } = {}) {
    super(`Hetzner Cloud: ${what}`, { code, message, passing, next });
  }
}

const againHint = "run pulumi up again; status.hetzner.com reports outages";

function passes(status: number, code: string): boolean {
  return status >= 500 || ["rate_limit_exceeded", "conflict", "locked", "timeout"].includes(code);
}

function nextOf(code: string): string {
  if (code === "unauthorized" || code === "forbidden" || code === "token_readonly")
    return "check hcloud:token: it must be one with write access to the project of this server";
  if (code === "not_found") return "check that the server still exists: pulumi refresh";
  return againHint;
}

/** The few calls of the Hetzner Cloud API that the provider does not make for us. */
export class HetznerApi {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /** @throws ApiError `not_found` */
  async server(id: string, limits: Limits): Promise<ApiServer> {
    const answer = await this.#patiently(`server ${id}`, "GET", `/servers/${id}`, limits);
    return z.object({ server: serverSchema }).parse(answer).server;
  }

  /**
   * Everything of a list, page by page.
   * @param path with its query, such as `/images?type=system`
   * @param key of the list in an answer
   */
  async list(path: string, key: string, limits: Limits): Promise<unknown[]> {
    const items: unknown[] = [];
    let page: number | null = 1;
    while (page !== null) {
      const query = `${path.includes("?") ? "&" : "?"}page=${page}&per_page=${pageSize}`;
      const answer = await this.#patiently(`list of ${key}`, "GET", `${path}${query}`, limits);
      items.push(...(z.object({ [key]: z.array(z.unknown()) }).parse(answer)[key] ?? []));
      page = pageAnswer.parse(answer).meta.pagination.next_page;
    }
    return items;
  }

  /** The server's next boot, within an hour, is one into the rescue system. */
  async enableRescue(id: string, sshKeyId: string, limits: Limits): Promise<void> {
    const body = { type: "linux64", ssh_keys: [Number(sshKeyId)] };
    await this.#act(id, "enable_rescue", limits, body);
  }

  async disableRescue(id: string, limits: Limits): Promise<void> {
    await this.#act(id, "disable_rescue", limits);
  }

  /**
   * Restarts the server without a signal to its system, or switches it on. Asked for once: an unclear answer does not show whether
   * the server restarted.
   */
  async restart(id: string, how: "reset" | "poweron", limits: Limits): Promise<void> {
    const path = `/servers/${id}/actions/${how}`;
    await this.#settled(actionAnswer.parse(await this.#request(how, "POST", path, limits)).action, limits);
  }

  async #act(id: string, action: string, limits: Limits, body?: object): Promise<void> {
    const path = `/servers/${id}/actions/${action}`;
    const answer = await this.#patiently(action, "POST", path, limits, body);
    await this.#settled(actionAnswer.parse(answer).action, limits);
  }

  async #settled(started: z.infer<typeof actionSchema>, limits: Limits): Promise<void> {
    const { id, command } = started;
    const look = async () =>
      actionAnswer.parse(await this.#patiently(command, "GET", `/actions/${id}`, limits)).action;
    const ended =
      started.status !== "running"
        ? started
        : await pollUntil(look, ({ status }) => status !== "running", {
            deadline: deadlineIn(limits.timeoutSeconds),
            pause,
            signal: limits.signal,
          });
    if (ended.status === "running")
      throw new ApiError(command, "timeout", `not done within ${Math.round(limits.timeoutSeconds)} s`);
    if (ended.status === "error")
      throw new ApiError(command, ended.error?.code ?? "unknown", ended.error?.message ?? "failed");
  }

  /** Again and again while the cause may pass. */
  async #patiently(
    what: string,
    method: string,
    path: string,
    limits: Limits,
    body?: object,
  ): Promise<unknown> {
    const request = () => this.#request(what, method, path, limits, body);
    return await withRetries(request, limits, () => new ApiError(what, "cancelled", "cancelled"));
  }

  /** One request. @throws ApiError */
  async #request(
    what: string,
    method: string,
    path: string,
    limits: Limits,
    body?: object,
  ): Promise<unknown> {
    const url = `${this.#access.endpoint}${path}`;
    const headers = { authorization: `Bearer ${this.#access.token}` };
    const next = "check the network and hcloud:endpoint, then run pulumi up again";
    const { ok, status, document } = await send(
      { url, method, headers, body },
      limits,
      (reason) => new ApiError(what, "no_answer", reason, { passing: true, next }),
    );
    if (ok) return document;
    const { code, message } = errorAnswer.safeParse(document).data?.error ?? {
      code: `HTTP ${status}`,
      message: "an answer without a reason",
    };
    throw new ApiError(what, code, message, { passing: passes(status, code), next: nextOf(code) });
  }
}

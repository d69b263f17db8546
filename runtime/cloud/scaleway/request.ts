import { z } from "zod";
import type { ScalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import type { Limits } from "../../platform/limits.ts";
import { CloudError, send, withRetries } from "../http-client.ts";

/** One request to the API. */
export interface ScalewayRequest {
  /** In messages: "attach a volume". */
  readonly what: string;
  readonly method?: "GET" | "POST";
  /** With the query. */
  readonly path: string;
  readonly body?: object;
}

/** What the API answers. */
export interface ScalewayAnswer {
  /** undefined: no JSON. */
  readonly document: unknown;
  /** Length of the list that this is a page of; null: it does not say. */
  readonly total: number | null;
}

/** scaleway-sdk-go, `scw/errors.go` */
const errorAnswer = z.object({ type: z.string(), message: z.string() });

const againHint = "run pulumi up again; status.scaleway.com reports outages";

/** An answer that says no, or none at all; `code` is the API's type of the error, or `no_answer`. */
export class ScalewayError extends CloudError {
  /** The key is wrong, was deleted, or may not do this. */
  readonly denied: boolean;

  constructor(
    what: string,
    code: string,
    message: string,
    { passing = false, denied = false, next = againHint } = {},
  ) {
    super(`Scaleway: ${what}`, { code, message, passing, next });
    this.denied = denied;
  }
}

/**
 * Asks the API something or makes it do something, again and again while the cause of a failure may pass.
 * @throws ScalewayError
 */
export async function askScaleway(
  access: ScalewayCredentials,
  request: ScalewayRequest,
  limits: Limits,
): Promise<ScalewayAnswer> {
  const cancelled = () => new ScalewayError(request.what, "cancelled", "cancelled");
  return await withRetries(() => once(access, request, limits), limits, cancelled);
}

async function once(
  { endpoint, secretKey }: ScalewayCredentials,
  { what, method = "GET", path, body }: ScalewayRequest,
  limits: Limits,
): Promise<ScalewayAnswer> {
  const next = "check the network and scaleway:apiUrl, then run pulumi up again";
  const { ok, status, headers, document } = await send(
    { url: `${endpoint}${path}`, method, headers: { "x-auth-token": secretKey }, body },
    limits,
    (reason) => new ScalewayError(what, "no_answer", reason, { passing: true, next }),
  );
  if (!ok) throw refusal(what, status, document);
  const total = headers.get("x-total-count");
  return { document, total: total === null ? null : Number(total) };
}

function refusal(what: string, status: number, document: unknown): ScalewayError {
  const { type, message } = errorAnswer.safeParse(document).data ?? {
    type: `HTTP ${status}`,
    message: "an answer without a reason",
  };
  return new ScalewayError(what, type, message, {
    passing: status >= 500 || status === 429 || type === "transient_state",
    denied: status === 401 || status === 403,
    next: nextOf(type),
  });
}

function nextOf(code: string): string {
  if (code === "denied_authentication" || code === "permissions_denied")
    return "check scaleway:secretKey: its application must be able to manage Instances and Block Storage of the project";
  if (code === "not_found") return "check that instance and volume still exist: pulumi refresh";
  if (code === "precondition_failed")
    return "check that no other instance has the volume: scw instance server list, scw instance server detach-volume";
  return againHint;
}

import pRetry from "p-retry";
import { z } from "zod";
import type { ScalewayAccess } from "../../fleet/config/scaleway-access.ts";
import { StepError } from "../step-error.ts";

/** Limits of a piece of work, all its requests and retries together. */
export interface WorkLimits {
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

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

/** Every single request is given up after this. */
const requestSeconds = 30;
const retryMs = 1000;

/** scaleway-sdk-go, `scw/errors.go` */
const errorAnswer = z.object({ type: z.string(), message: z.string() });

const againHint = "run pulumi up again; status.scaleway.com tells of faults on their side";

/** An answer that says no, or none at all; `code` is the API's type of the error, or `no_answer`. */
export class ScalewayError extends StepError {
  readonly code: string;
  /** It may pass by itself: the rate limit, something that is still going on, faults on their side or on the way. */
  readonly passing: boolean;
  /** The key is wrong, was deleted, or may not do this. */
  readonly denied: boolean;

  constructor(
    what: string,
    code: string,
    message: string,
    { passing = false, denied = false, next = againHint } = {},
  ) {
    super({ step: `Scaleway: ${what}`, seen: `${message} (${code})`, next });
    this.code = code;
    this.passing = passing;
    this.denied = denied;
  }
}

/**
 * Asks the API something or makes it do something, again and again while the cause of a failure may pass.
 * @throws ScalewayError
 */
export async function askScaleway(
  access: ScalewayAccess,
  request: ScalewayRequest,
  limits: WorkLimits,
): Promise<ScalewayAnswer> {
  const { seconds, signal } = limits;
  return await pRetry(() => once(access, request, limits), {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: retryMs,
    maxTimeout: 10 * retryMs,
    maxRetryTime: seconds * 1000,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }) => error instanceof ScalewayError && error.passing,
  }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
    throw new ScalewayError(request.what, "cancelled", "cancelled");
  });
}

async function once(
  { apiUrl, secretKey }: ScalewayAccess,
  { what, method = "GET", path, body }: ScalewayRequest,
  { seconds, signal }: WorkLimits,
): Promise<ScalewayAnswer> {
  const deadline = AbortSignal.timeout(Math.min(seconds, requestSeconds) * 1000);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { "x-auth-token": secretKey, "content-type": "application/json" },
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    const next = "check the network and scaleway:apiUrl, then run pulumi up again";
    throw new ScalewayError(what, "no_answer", reasonOf(error), { passing: true, next });
  }
  const document = parseJson(text);
  if (!response.ok) throw refusal(what, response.status, document);
  const total = response.headers.get("x-total-count");
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

/** fetch() hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

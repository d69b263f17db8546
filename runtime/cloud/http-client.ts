import pRetry from "p-retry";
import { parseJson } from "../../model/json/json.ts";
import { anySignal, type Limits, timeoutSignal } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";

/** Every single request is given up after this. */
const requestSeconds = 30;
const retryMs = 1000;

/** An answer of a cloud's API that says no, or none at all; `code` is the API's own, or `no_answer`. */
export class CloudError extends StepError {
  readonly code: string;
  /** It may pass by itself: the rate limit, something that is still going on, errors on their side or on the network. */
  readonly passing: boolean;

  constructor(
    step: string,
    { code, message, passing, next }: { code: string; message: string; passing: boolean; next: string },
  ) {
    super({ step, seen: `${message} (${code})`, next });
    this.code = code;
    this.passing = passing;
  }
}

/**
 * Calls again and again while the cause of a failure may pass; the limits are for all tries together.
 * @param cancelled what is thrown when the caller's signal has ended it
 */
export async function withRetries<T>(
  call: () => Promise<T>,
  { timeoutSeconds, signal }: Limits,
  cancelled: () => CloudError,
): Promise<T> {
  return await pRetry(call, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: retryMs,
    maxTimeout: 10 * retryMs,
    maxRetryTime: timeoutSeconds * 1000,
    signal,
    shouldRetry: ({ error }) => error instanceof CloudError && error.passing,
  }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
    throw cancelled();
  });
}

/** One request. `body` is sent as JSON. */
export interface ApiRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object | undefined;
}

/** An answer, whatever it says. `document`: undefined where it is not valid JSON. */
export interface ApiAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly document: unknown;
}

/**
 * Sends one request.
 * @param unanswered makes an error of the reason why there is no answer
 */
export async function send(
  { url, method, headers, body }: ApiRequest,
  { timeoutSeconds, signal }: Limits,
  unanswered: (reason: string) => CloudError,
): Promise<ApiAnswer> {
  const deadline = timeoutSignal(Math.min(timeoutSeconds, requestSeconds));
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      signal: anySignal(deadline, signal),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { ok, status } = response;
    return { ok, status, headers: response.headers, document: parseJson(await response.text()) };
  } catch (error) {
    throw unanswered(reasonOf(error));
  }
}

/** fetch() hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

import pRetry from "p-retry";
import { z } from "zod";
import type { ScalewayAccess } from "../../fleet/config/scaleway-access.ts";
import { StepError } from "../step-error.ts";

/** An answer that says no, or none at all. */
export class ScalewayApiError extends StepError {
  /** HTTP status; null: no answer. */
  readonly status: number | null;

  constructor(what: string, status: number | null, seen: string) {
    const next = "run pulumi up again; status.scaleway.com tells of faults on their side";
    super({ step: `Scaleway: ${what}`, seen: status === null ? seen : `${seen} (HTTP ${status})`, next });
    this.status = status;
  }

  /** It may pass by itself. */
  get passing(): boolean {
    return this.status === null || this.status === 429 || this.status >= 500;
  }
}

const requestSeconds = 30;
const retryMs = 1000;
/** The most the API gives at once. */
const pageSize = 100;

/**
 * Asks for all pages of a map of server types.
 * @param one what each of them is
 * @throws ScalewayApiError
 */
export async function askForTypes<One extends z.ZodType>(
  access: ScalewayAccess,
  { what, path, seconds }: { readonly what: string; readonly path: string; readonly seconds: number },
  one: One,
): Promise<ReadonlyMap<string, z.output<One>>> {
  const schema = z.object({ servers: z.record(z.string(), one) });
  const all = new Map<string, z.output<One>>();
  for (let page = 1, total = 1; all.size < total; page += 1) {
    const answer = await askScaleway(access, what, `${path}?page=${page}&per_page=${pageSize}`, seconds);
    const found = Object.entries(schema.parse(answer.document).servers);
    for (const [name, type] of found) all.set(name, type);
    // A page may be smaller than asked for.
    total = found.length === 0 ? all.size : (answer.total ?? all.size + 1);
  }
  return all;
}

/** What the API answers. */
export interface Answer {
  readonly document: unknown;
  /** Length of the list that this is a page of; null: it does not say. */
  readonly total: number | null;
}

/**
 * Asks a question, again and again while the cause of a failure may pass.
 * @param what is asked for, in messages
 * @param seconds deadline, retries included
 * @throws ScalewayApiError
 */
export async function askScaleway(
  access: ScalewayAccess,
  what: string,
  path: string,
  seconds: number,
): Promise<Answer> {
  return await pRetry(() => get(access, what, path, seconds), {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: retryMs,
    maxTimeout: 10 * retryMs,
    maxRetryTime: seconds * 1000,
    shouldRetry: ({ error }) => error instanceof ScalewayApiError && error.passing,
  });
}

async function get(
  { apiUrl, secretKey }: ScalewayAccess,
  what: string,
  path: string,
  seconds: number,
): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${apiUrl}${path}`, {
      headers: { "x-auth-token": secretKey },
      signal: AbortSignal.timeout(Math.min(seconds, requestSeconds) * 1000),
    });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ScalewayApiError(what, null, cause instanceof Error ? cause.message : String(cause));
  }
  if (!response.ok)
    throw new ScalewayApiError(what, response.status, text.slice(0, 200) || "no reason given");
  const total = response.headers.get("x-total-count");
  return { document: JSON.parse(text), total: total === null ? null : Number(total) };
}

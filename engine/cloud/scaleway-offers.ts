import pRetry from "p-retry";
import { z } from "zod";
import type { ScalewayAccess } from "../../fleet/config/scaleway-access.ts";
import type { ScalewayOffers, ScalewayType } from "../../fleet/offers/scaleway.ts";
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

/** Instance API, `GET /products/servers`: types by name. */
const typesAnswer = z.object({
  servers: z.record(z.string(), z.object({ arch: z.string(), end_of_service: z.boolean().default(false) })),
});
/** Marketplace API, `GET /local-images`: an image has an id for each architecture. */
const imagesAnswer = z.object({
  local_images: z.array(z.object({ compatible_commercial_types: z.array(z.string()) })),
});

/**
 * Asks Scaleway what it offers in a zone.
 * @param labels of the stock images that are asked for
 * @param seconds deadline of each question with its retries
 * @throws ScalewayApiError
 */
export async function scalewayOffers(
  access: ScalewayAccess,
  {
    zone,
    labels,
    seconds,
  }: { readonly zone: string; readonly labels: readonly string[]; readonly seconds: number },
): Promise<ScalewayOffers> {
  const types: ScalewayType[] = [];
  for (let page = 1, total = 1; types.length < total; page += 1) {
    const path = `/instance/v1/zones/${zone}/products/servers?page=${page}&per_page=${pageSize}`;
    const answer = await patiently(access, `types of ${zone}`, path, seconds);
    const found = Object.entries(typesAnswer.parse(answer.document).servers);
    types.push(...found.map(([name, { arch, end_of_service: ended }]) => ({ name, arch, ended })));
    // A page may be smaller than asked for.
    total = found.length === 0 ? types.length : (answer.total ?? types.length + 1);
  }
  const images = new Map<string, readonly string[]>();
  for (const label of labels) {
    const query = new URLSearchParams({
      image_label: label,
      zone,
      type: "instance_sbs",
      order_by: "type_asc",
    });
    const path = `/marketplace/v2/local-images?${query}`;
    const answer = await patiently(access, `image ${label}`, path, seconds);
    const { local_images: found } = imagesAnswer.parse(answer.document);
    images.set(
      label,
      found.flatMap((image) => image.compatible_commercial_types),
    );
  }
  return { types, images };
}

interface Answer {
  readonly document: unknown;
  /** Length of the list that this is a page of; null: it does not say. */
  readonly total: number | null;
}

/** Again and again while the cause may pass. */
async function patiently(
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

import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { z } from "zod";
import { StepError } from "../step-error.ts";

/** Where the API is and who asks. `secretKey` is a secret. */
export interface ScalewayAccess {
  readonly endpoint: string;
  readonly secretKey: string;
}

/** Limits of a piece of work, all its requests and retries together. */
export interface WorkLimits {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** A server and a volume of the same zone, by their UUIDs. */
export interface VolumePlace {
  readonly zone: string;
  readonly server: string;
  readonly volume: string;
}

/** Every single request is given up after this. */
const requestSeconds = 30;
const pollMs = 500;
const retryMs = 1000;

const attachedVolume = z.object({ id: z.string(), state: z.string().optional() });
const serverAnswer = z.object({ server: z.object({ volumes: z.record(z.string(), attachedVolume) }) });
/** scaleway-sdk-go, `scw/errors.go` */
const errorAnswer = z.object({ type: z.string(), message: z.string() });

/** An answer that says no; `code` is the API's type of the error, or `no_answer`. */
export class ScalewayError extends StepError {
  readonly code: string;
  /** It may pass by itself: the rate limit, something that is still going on, faults on their side or on the way. */
  readonly passing: boolean;

  constructor(what: string, code: string, message: string, { passing = false, next = againHint } = {}) {
    super({ step: `Scaleway: ${what}`, seen: `${message} (${code})`, next });
    this.code = code;
    this.passing = passing;
  }
}

const againHint = "run pulumi up again; status.scaleway.com tells of faults on their side";

function passes(status: number, code: string): boolean {
  return status >= 500 || status === 429 || code === "transient_state";
}

function nextOf(code: string): string {
  if (code === "denied_authentication" || code === "permissions_denied")
    return "check scaleway:secretKey: its application must be able to manage Instances and Block Storage of the project";
  if (code === "not_found") return "check that instance and volume still exist: pulumi refresh";
  if (code === "precondition_failed")
    return "check that no other instance has the volume: scw instance server list, scw instance server detach-volume";
  return againHint;
}

/** The few calls of Scaleway's Instance API that its provider for Pulumi does not make by themselves. */
export class ScalewayApi {
  readonly #access: ScalewayAccess;

  constructor(access: ScalewayAccess) {
    this.#access = access;
  }

  /**
   * Attaches a block volume to a server, unless it is attached already, and waits until the server has it.
   * @throws ScalewayError
   */
  async attachVolume(place: VolumePlace, limits: WorkLimits): Promise<void> {
    const end = Date.now() + limits.seconds * 1000;
    if ((await this.#stateOf(place, limits)) === undefined) {
      const body = { volume_id: place.volume, volume_type: "sbs_volume", boot: false };
      await this.#patiently("attach a volume", "POST", `${pathOf(place)}/attach-volume`, limits, body);
    }
    await this.#until(end, "attach a volume", limits, async () => {
      const state = await this.#stateOf(place, limits);
      return state === "available" ? undefined : `it is ${state ?? "not among the instance's volumes"}`;
    });
  }

  /**
   * Takes a block volume from a server, and waits until it is gone there. Nothing to do where it is not attached, or the server gone.
   * @throws ScalewayError
   */
  async detachVolume(place: VolumePlace, limits: WorkLimits): Promise<void> {
    const end = Date.now() + limits.seconds * 1000;
    try {
      if ((await this.#stateOf(place, limits)) === undefined) return;
      const body = { volume_id: place.volume };
      await this.#patiently("detach a volume", "POST", `${pathOf(place)}/detach-volume`, limits, body);
      await this.#until(end, "detach a volume", limits, async () => {
        const state = await this.#stateOf(place, limits);
        return state === undefined ? undefined : `it is still ${state}`;
      });
    } catch (error) {
      if (!(error instanceof ScalewayError) || error.code !== "not_found") throw error;
    }
  }

  /** How far the volume is on the server; undefined: it is not attached. */
  async #stateOf(place: VolumePlace, limits: WorkLimits): Promise<string | undefined> {
    const answer = await this.#patiently("look at an instance", "GET", pathOf(place), limits);
    const { volumes } = serverAnswer.parse(answer).server;
    const found = Object.values(volumes).find(({ id }) => id === place.volume);
    return found === undefined ? undefined : (found.state ?? "available");
  }

  /** Looks again and again until there is nothing left to wait for. `look` says what is. */
  async #until(
    end: number,
    what: string,
    { seconds, signal }: WorkLimits,
    look: () => Promise<string | undefined>,
  ): Promise<void> {
    for (let waiting = await look(); waiting !== undefined; waiting = await look()) {
      if (Date.now() > end)
        throw new ScalewayError(what, "timeout", `not done within ${Math.round(seconds)} s: ${waiting}`);
      await sleep(pollMs, undefined, { signal });
    }
  }

  /** Again and again while the cause may pass. */
  async #patiently(
    what: string,
    method: string,
    path: string,
    limits: WorkLimits,
    body?: object,
  ): Promise<unknown> {
    return await pRetry(() => this.#request(what, method, path, limits, body), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: retryMs,
      maxTimeout: 10 * retryMs,
      maxRetryTime: limits.seconds * 1000,
      signal: limits.signal,
      shouldRetry: ({ error }) => error instanceof ScalewayError && error.passing,
    }).catch((error: unknown) => {
      if (!limits.signal.aborted) throw error;
      throw new ScalewayError(what, "cancelled", "cancelled");
    });
  }

  /** One request. @throws ScalewayError */
  async #request(
    what: string,
    method: string,
    path: string,
    { seconds, signal }: WorkLimits,
    body?: object,
  ): Promise<unknown> {
    const deadline = AbortSignal.timeout(Math.min(seconds, requestSeconds) * 1000);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#access.endpoint}${path}`, {
        method,
        headers: { "x-auth-token": this.#access.secretKey, "content-type": "application/json" },
        signal: AbortSignal.any([deadline, signal]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const next = "check the network and scaleway:apiUrl, then run pulumi up again";
      throw new ScalewayError(what, "no_answer", reasonOf(error), { passing: true, next });
    }
    const document = parseJson(text);
    if (response.ok) return document;
    const { type, message } = errorAnswer.safeParse(document).data ?? {
      type: `HTTP ${response.status}`,
      message: "an answer without a reason",
    };
    throw new ScalewayError(what, type, message, {
      passing: passes(response.status, type),
      next: nextOf(type),
    });
  }
}

function pathOf({ zone, server }: VolumePlace): string {
  return `/instance/v1/zones/${zone}/servers/${server}`;
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

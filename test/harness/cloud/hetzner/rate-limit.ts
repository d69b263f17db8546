/** Rate limit per project: a bucket that refills evenly (https://docs.hetzner.cloud, "Rate Limiting"). */

export interface RateLimitOptions {
  /** Requests that may be made at once. */
  readonly limit: number;
  /** Requests regained per second. */
  readonly perSecond: number;
}

/** 3600 requests per hour, regained one per second. */
export const defaultRateLimit: RateLimitOptions = { limit: 3600, perSecond: 1 };

export interface RateLimitState {
  readonly allowed: boolean;
  /** Header values: `RateLimit-Reset` is in seconds since the epoch, when the bucket is full again. */
  readonly headers: Readonly<Record<"ratelimit-limit" | "ratelimit-remaining" | "ratelimit-reset", string>>;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now clock in milliseconds since the epoch. */
  constructor(options: RateLimitOptions, now: () => number = Date.now) {
    this.#options = options;
    this.#now = now;
    this.#tokens = options.limit;
    this.#at = now();
  }

  /** Takes one request out of the bucket, if there is one. */
  take(): RateLimitState {
    const { limit, perSecond } = this.#options;
    const now = this.#now();
    this.#tokens = Math.min(limit, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    const allowed = this.#tokens >= 1;
    if (allowed) {
      this.#tokens -= 1;
    }
    const full = now / 1000 + (limit - this.#tokens) / perSecond;
    return {
      allowed,
      headers: {
        "ratelimit-limit": String(limit),
        "ratelimit-remaining": String(Math.floor(this.#tokens)),
        "ratelimit-reset": String(Math.ceil(full)),
      },
    };
  }
}

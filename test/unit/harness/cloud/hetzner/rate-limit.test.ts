import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../../harness/cloud/hetzner/rate-limit.ts";
import { startTestCloud } from "./client.ts";

describe("RateLimit", () => {
  it("empties and refills evenly", () => {
    let now = 1_000_000;
    const limit = new RateLimit({ limit: 2, perSecond: 0.5 }, () => now);
    expect(limit.take()).toMatchObject({
      allowed: true,
      headers: { "ratelimit-limit": "2", "ratelimit-remaining": "1", "ratelimit-reset": "1002" },
    });
    expect(limit.take().allowed).toBe(true);
    const refused = limit.take();
    expect(refused).toMatchObject({
      allowed: false,
      headers: { "ratelimit-remaining": "0", "ratelimit-reset": "1004" },
    });
    now += 2000;
    expect(limit.take().allowed).toBe(true);
    now += 3_600_000;
    expect(limit.take().headers["ratelimit-remaining"]).toBe("1");
  });
});

describe("a project's rate limit", () => {
  it("answers 429 with headers once used up, and says it in every answer before", async () => {
    const { call, cloud } = await startTestCloud({ rateLimit: { limit: 2, perSecond: 0.001 } });
    const first = await call("GET", "/servers");
    expect([first.status, first.headers.get("ratelimit-remaining")]).toEqual([200, "1"]);
    await call("GET", "/servers");
    const refused = await call("GET", "/servers");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-limit")).toBe("2");
    expect(Number(refused.headers.get("ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000);
    expect(refused.body).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    expect(cloud.journal.entries().map(({ status }) => status)).toEqual([200, 200, 429]);
  });
});

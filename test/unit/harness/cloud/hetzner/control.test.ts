import { describe, expect, it } from "vitest";
import { newServer, startTestCloud, type TestCloud, token } from "./client.ts";

async function control(
  cloud: TestCloud,
  method: string,
  path: string,
  body?: unknown,
): Promise<[number, unknown]> {
  const response = await fetch(`${new URL(cloud.cloud.endpoint).origin}/_control${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return [response.status, text === "" ? null : JSON.parse(text)];
}

describe("/_control", () => {
  it("is guarded by the token", async () => {
    const { cloud } = await startTestCloud();
    const response = await fetch(`${new URL(cloud.endpoint).origin}/_control/journal`);
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { error: { code: "unauthorized" } },
    ]);
  });

  it("adds, lists and clears faults", async () => {
    const cloud = await startTestCloud();
    const rule = {
      method: "GET",
      path: "/servers",
      effect: { kind: "response", status: 503, code: "unavailable" },
    };
    expect(await control(cloud, "POST", "/faults", rule)).toEqual([201, { id: 1 }]);
    expect(await control(cloud, "GET", "/faults")).toMatchObject([200, { pending: [{ id: 1, times: 1 }] }]);
    expect((await cloud.refused("GET", "/servers")).error).toBe("503 unavailable");
    await control(cloud, "POST", "/faults", rule);
    expect(await control(cloud, "DELETE", "/faults")).toEqual([204, null]);
    expect((await cloud.call("GET", "/servers")).status).toBe(200);
  });

  it("refuses a malformed rule and says why", async () => {
    const cloud = await startTestCloud();
    const [status, body] = await control(cloud, "POST", "/faults", {
      path: "/servers",
      effect: { kind: "magic" },
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({ error: { details: { fields: [{ name: "effect.kind" }] } } });
    expect(cloud.cloud.faults.pending()).toEqual([]);
  });

  it("shows journal and inventory, and is not in the journal itself", async () => {
    const cloud = await startTestCloud();
    await newServer(cloud);
    const [, inventory] = await control(cloud, "GET", "/inventory");
    expect(inventory).toMatchObject({
      items: [{ kind: "servers", name: "web" }, { kind: "primary_ips" }, {}],
    });
    const [, journal] = await control(cloud, "GET", "/journal");
    expect(journal).toEqual({ entries: cloud.cloud.journal.entries() });
    expect(cloud.cloud.journal.matching("GET", /_control/)).toEqual([]);
    expect((await control(cloud, "DELETE", "/journal"))[0]).toBe(204);
    expect(cloud.cloud.journal.entries()).toEqual([]);
  });

  it("answers what it does not know 404, as an unexpected request", async () => {
    const cloud = await startTestCloud();
    expect((await control(cloud, "GET", "/nothing"))[0]).toBe(404);
    expect(cloud.cloud.journal.unexpected()).toHaveLength(1);
  });
});

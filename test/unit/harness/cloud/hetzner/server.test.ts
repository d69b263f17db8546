/** The HTTP side: authentication, strictness, error envelope, faults, journal. */
import { describe, expect, it, vi } from "vitest";
import { newServer, startTestCloud, token } from "./client.ts";

describe("authentication", () => {
  it.each([[undefined], ["Bearer wrong"], [`Basic ${token}`], ["Bearer "]])(
    "refuses %s",
    async (authorization) => {
      const { cloud } = await startTestCloud();
      const response = await fetch(`${cloud.endpoint}/servers`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
    },
  );
});

describe("strictness", () => {
  it("answers unknown routes 404 in the API's form and remembers them", async () => {
    const { cloud, refused, call } = await startTestCloud();
    expect((await refused("GET", "/floating_ips")).error).toBe("404 not_found");
    expect((await call("PATCH", "/servers/1", {})).status).toBe(404);
    expect(cloud.journal.unexpected().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /floating_ips",
      "PATCH /servers/1",
    ]);
  });

  it("names unknown fields, also nested ones, and remembers them", async () => {
    const { cloud, refused } = await startTestCloud();
    const body = { name: "web", server_type: "cx23", image: "debian-12", colour: "red" };
    expect(await refused("POST", "/servers", body)).toMatchObject({
      error: "422 invalid_input",
      fields: ["colour"],
    });
    const rules = [{ direction: "in", protocol: "icmp", source_ips: ["0.0.0.0/0"], action: "deny" }];
    expect((await refused("POST", "/firewalls", { name: "f", rules })).fields).toEqual(["rules.0.action"]);
    expect(cloud.journal.unexpected()).toHaveLength(2);
    expect(cloud.inventory()).toEqual([]);
  });

  it("names unknown query parameters, on items as on actions", async () => {
    const { cloud, refused } = await startTestCloud();
    expect((await refused("GET", "/servers/1?expand=all")).fields).toEqual(["expand"]);
    expect((await refused("POST", "/ssh_keys?dry_run=1", {})).fields).toEqual(["dry_run"]);
    expect(cloud.journal.unexpected()).toHaveLength(2);
  });

  it("refuses a body where none belongs", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    expect((await cloud.refused("POST", `/servers/${id}/actions/reset`, { force: true })).fields).toEqual([
      "force",
    ]);
    await cloud.make("POST", `/servers/${id}/actions/reset`, {});
  });

  it("wants JSON, and ids that are numbers", async () => {
    const { cloud, refused } = await startTestCloud();
    const response = await fetch(`${cloud.endpoint}/servers`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{name:",
    });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: "json_error" } }]);
    expect((await refused("GET", "/servers/web")).error).toBe("404 not_found");
    expect((await refused("GET", "/servers/0")).error).toBe("404 not_found");
  });

  it("missing fields are told apart from unknown ones, and are not unexpected", async () => {
    const { cloud, refused } = await startTestCloud();
    const answer = await refused("POST", "/servers", { image: "debian-12" });
    expect(answer.fields).toEqual(["name", "server_type"]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });
});

describe("faults", () => {
  it("answer instead of the API, without effect", async () => {
    const cloud = await startTestCloud();
    const id = cloud.cloud.faults.add({
      method: "POST",
      path: "/servers",
      effect: { kind: "response", status: 412, code: "placement_error", message: "no host free" },
    });
    const body = { name: "web", server_type: "cx23", image: "debian-12" };
    expect(await cloud.refused("POST", "/servers", body)).toMatchObject({
      error: "412 placement_error",
      message: "no host free",
    });
    expect(cloud.cloud.inventory()).toEqual([]);
    expect(cloud.cloud.journal.entries()[0]).toMatchObject({
      status: 412,
      code: "placement_error",
      fault: id,
    });
    await newServer(cloud);
  });

  it("lose only the answer in phase 'after'", async () => {
    const cloud = await startTestCloud();
    cloud.cloud.faults.add({
      method: "POST",
      path: "/placement_groups",
      phase: "after",
      effect: { kind: "response", status: 502, code: "bad_gateway" },
    });
    const body = { name: "group", type: "spread" };
    expect((await cloud.refused("POST", "/placement_groups", body)).error).toBe("502 bad_gateway");
    expect(cloud.cloud.inventory()).toMatchObject([{ kind: "placement_groups", name: "group" }]);
  });

  it("cut the connection", async () => {
    const { cloud, call } = await startTestCloud();
    cloud.faults.add({ path: "/servers", effect: { kind: "reset" } });
    await expect(call("GET", "/servers")).rejects.toThrow("fetch failed");
    expect(cloud.journal.entries()[0]).toMatchObject({ status: 0, fault: 1 });
    expect((await call("GET", "/servers")).status).toBe(200);
  });

  it.each(["before", "after"] as const)("delay the answer (%s)", async (phase) => {
    const { cloud, call } = await startTestCloud();
    cloud.faults.add({ path: "/servers", phase, effect: { kind: "delay", ms: 80 } });
    const start = Date.now();
    expect((await call("GET", "/servers")).status).toBe(200);
    expect(Date.now() - start).toBeGreaterThanOrEqual(78);
  });
});

describe("an error of the emulation itself", () => {
  it("is answered 500, printed, and counted as unexpected", async () => {
    const cloud = await startTestCloud();
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(cloud.machines, "destroyVolume").mockRejectedValue(new Error("disk on fire"));
    const volume = await cloud.make("POST", "/volumes", { name: "data", size: 10, location: "fsn1" });
    const id = (volume["volume"] as { id: number }).id;
    expect(await cloud.refused("DELETE", `/volumes/${id}`)).toMatchObject({ error: "500 server_error" });
    expect(cloud.cloud.journal.unexpected()).toHaveLength(1);
    expect(String(printed.mock.calls[0])).toContain("disk on fire");
    printed.mockRestore();
  });
});

describe("journal", () => {
  it("says which server a request was about", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { name: "db" });
    await cloud.call("GET", `/servers/${id}?x=1`);
    const entries = cloud.cloud.journal.entries();
    expect(entries[0]).toMatchObject({ method: "POST", path: "/servers", status: 201, host: "db" });
    expect(entries[1]).toMatchObject({ method: "GET", path: "/actions", host: "db" });
    expect(entries.at(-1)).toMatchObject({ path: `/servers/${id}`, query: "x=1", status: 422, host: "db" });
    expect(cloud.cloud.journal.requestsPerHost().get("db")).toBe(entries.length);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";
import { Client, zone } from "./client.ts";

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;
let client: Client;

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines, actionMs: 5 });
  client = new Client(cloud);
});

afterEach(async () => {
  await cloud.close();
});

describe("the emulated Scaleway", () => {
  it("answers nobody without the secret key", async () => {
    expect(await client.call("GET", `${zone}/products/servers`, undefined, "wrong")).toMatchObject({
      status: 401,
      body: { type: "denied_authentication" },
    });
  });

  it.each([
    ["a route", "GET", `${zone}/snapshots`, undefined, 404],
    ["a field", "POST", `${zone}/ips`, { type: "routed_ipv4", colour: "red" }, 400],
    ["a nested field", "PATCH", "SERVER", { volumes: { "1": { colour: "red" } } }, 400],
    ["a parameter", "GET", `${zone}/products/servers?colour=red`, undefined, 400],
    ["an action", "POST", "SERVER/action", { action: "dance" }, 400],
  ])("counts %s it does not know as unexpected", async (_, method, path, body, status) => {
    const id = await client.newServer();
    expect((await client.call(method, path.replace("SERVER", `${zone}/servers/${id}`), body)).status).toBe(
      status,
    );
    expect(cloud.journal.unexpected().map((entry) => entry.method)).toEqual([method]);
  });

  it("knows its zones, and keeps what is in one out of the others", async () => {
    const ip = await client.make("ips", { type: "routed_ipv4" }, "ip");
    expect((await client.call("GET", `${zone}/ips/${ip}`)).status).toBe(200);
    expect((await client.call("GET", `/instance/v1/zones/fr-par-2/ips/${ip}`)).status).toBe(404);
    expect((await client.call("GET", `/instance/v1/zones/mars-1/ips/${ip}`)).status).toBe(404);
  });

  it("gives nothing to another project", async () => {
    const body = { type: "routed_ipv4", project: "11111111-1111-4111-8111-111111111111" };
    expect((await client.call("POST", `${zone}/ips`, body)).status).toBe(403);
    expect(cloud.inventory()).toEqual([]);
  });

  it("lists in pages, and says how long the list is", async () => {
    const names = z.object({ servers: z.record(z.string(), z.unknown()) });
    const page = async (number: number) =>
      await client.call("GET", `${zone}/products/servers?page=${number}&per_page=3`);
    const [first, second] = [await page(1), await page(2)];
    const [a, b] = [first, second].map(({ body }) => Object.keys(names.parse(body).servers));
    expect([a?.length, b?.length, first.total]).toEqual([3, 3, "7"]);
    expect(a?.filter((name) => b?.includes(name))).toEqual([]);
  });

  it("takes a reverse name only if it resolves", async () => {
    const ip = await client.make("ips", { type: "routed_ipv4" }, "ip");
    const reverse = { reverse: "web.example.org" };
    expect((await client.call("PATCH", `${zone}/ips/${ip}`, reverse)).status).toBe(400);
    cloud.names.set("web.example.org", "198.51.100.20");
    expect((await client.call("PATCH", `${zone}/ips/${ip}`, reverse)).body).toMatchObject({ ip: reverse });
  });

  it("has rules that nobody can edit beside a group's own", async () => {
    const group = await client.make("security_groups", { name: "g" }, "security_group");
    const rule = { id: null, action: "accept", protocol: "TCP", direction: "inbound", ip_range: "::/0" };
    const ports = { dest_port_from: 22, dest_port_to: null, position: 0, editable: null, zone: "fr-par-1" };
    await client.call("PUT", `${zone}/security_groups/${group}/rules`, { rules: [{ ...rule, ...ports }] });
    const listed = async () => {
      const { body, total } = await client.call("GET", `${zone}/security_groups/${group}/rules?page=1`);
      const { rules } = z.object({ rules: z.array(z.looseObject({ editable: z.boolean() })) }).parse(body);
      return [rules.length, rules.filter(({ editable }) => editable).length, total];
    };
    expect(await listed()).toEqual([7, 1, "7"]);
    await client.call("PATCH", `${zone}/security_groups/${group}`, { enable_default_security: false });
    expect(await listed()).toEqual([1, 1, "1"]);
  });

  it("sells nothing that is sold out, nor more than the quota, and leaves nothing behind", async () => {
    await cloud.close();
    const soldOut = [{ type: "DEV1-S", zone: "fr-par-1" }];
    cloud = await startScalewayCloud({ machines, soldOut, limits: { ips: 1 } });
    client = new Client(cloud);
    const server = {
      name: "web",
      commercial_type: "DEV1-S",
      image: await client.imageId(),
      volumes: { "0": {} },
    };
    const project = cloud.access.projectId;
    expect((await client.call("POST", `${zone}/servers`, { ...server, project })).status).toBe(503);
    expect(cloud.inventory()).toEqual([]);
    await client.make("ips", { type: "routed_ipv4" }, "ip");
    expect((await client.call("POST", `${zone}/ips`, { type: "routed_ipv4", project })).status).toBe(403);
  });

  it.each([
    ["before", []],
    ["after", ["ips"]],
  ] as const)("fails by rule, %s it does something", async (phase, left) => {
    const effect = { kind: "response", status: 500, code: "internal_error" } as const;
    cloud.faults.add({ method: "POST", path: "/instance/v1/zones/*/ips", phase, effect });
    const body = { type: "routed_ipv4", project: cloud.access.projectId };
    expect((await client.call("POST", `${zone}/ips`, body)).status).toBe(500);
    expect(cloud.inventory().map(({ kind }) => kind)).toEqual(left);
    expect(cloud.faults.pending()).toEqual([]);
  });
});

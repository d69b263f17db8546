import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";
import { slaacAddress } from "../../../../harness/cloud/scaleway/resources/machine-control.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGVYt0Zvu7vJ4VNMv8i0Q8ZvJpHY2hEJ6YpWOqgJqcU";
const zone = "/instance/v1/zones/fr-par-1";
const withId = z.looseObject({ id: z.string() });

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly total: string | null;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  token = cloud.access.secretKey,
): Promise<Answer> {
  const text = typeof body === "string";
  const response = await fetch(`${cloud.access.apiUrl}${path}`, {
    method,
    headers: { "x-auth-token": token, "content-type": text ? "text/plain" : "application/json" },
    ...(body === undefined ? {} : { body: text ? body : JSON.stringify(body) }),
  });
  const answer = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json") === true;
  return {
    status: response.status,
    body: json ? JSON.parse(answer) : answer,
    total: response.headers.get("x-total-count"),
  };
}

async function imageId(label = "debian_bookworm", arch = "x86_64"): Promise<string> {
  const query = `image_label=${label}&zone=fr-par-1&type=instance_sbs&order_by=type_asc`;
  const { body } = await call("GET", `/marketplace/v2/local-images?${query}`);
  const { local_images } = z
    .object({ local_images: z.array(withId.extend({ arch: z.string() })) })
    .parse(body);
  return local_images.find((image) => image.arch === arch)?.id ?? "";
}

async function make(path: string, body: object, name: string): Promise<string> {
  const answer = await call("POST", `${zone}/${path}`, { project: cloud.access.projectId, ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return z.object({ [name]: withId }).parse(answer.body)[name]?.id ?? "";
}

async function newServer(more: object = {}): Promise<string> {
  const image = await imageId();
  return make(
    "servers",
    { name: "web", commercial_type: "DEV1-S", image, volumes: { "0": {} }, ...more },
    "server",
  );
}

const server = z.object({
  server: z.looseObject({ state: z.string(), state_detail: z.string(), volumes: z.object({ "0": withId }) }),
});
const show = async (id: string) => server.parse((await call("GET", `${zone}/servers/${id}`)).body).server;

async function act(id: string, action: string, state: string): Promise<void> {
  expect((await call("POST", `${zone}/servers/${id}/action`, { action })).status).toBe(202);
  await vi.waitFor(async () => expect((await show(id)).state).toBe(state), { timeout: 10_000 });
}

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines, actionMs: 5 });
});

afterEach(async () => {
  await cloud.close();
});

describe("the emulated Scaleway", () => {
  it("answers nobody without the secret key", async () => {
    expect(await call("GET", `${zone}/products/servers`, undefined, "wrong")).toMatchObject({
      status: 401,
      body: { type: "denied_authentication" },
    });
  });

  it.each([
    ["a route", "GET", `${zone}/snapshots`, undefined, 404],
    ["a field", "POST", `${zone}/ips`, { type: "routed_ipv4", colour: "red" }, 400],
    ["a nested field", "PATCH", "SERVER", { volumes: { "1": {} } }, 400],
    ["a parameter", "GET", `${zone}/products/servers?colour=red`, undefined, 400],
    ["an action", "POST", "SERVER/action", { action: "dance" }, 400],
  ])("counts %s it does not know as unexpected", async (_, method, path, body, status) => {
    const id = await newServer();
    expect((await call(method, path.replace("SERVER", `${zone}/servers/${id}`), body)).status).toBe(status);
    expect(cloud.journal.unexpected().map((entry) => entry.method)).toEqual([method]);
  });

  it("knows its zones, and keeps what is in one out of the others", async () => {
    const ip = await make("ips", { type: "routed_ipv4" }, "ip");
    expect((await call("GET", `${zone}/ips/${ip}`)).status).toBe(200);
    expect((await call("GET", `/instance/v1/zones/fr-par-2/ips/${ip}`)).status).toBe(404);
    expect((await call("GET", `/instance/v1/zones/mars-1/ips/${ip}`)).status).toBe(404);
  });

  it("gives nothing to another project", async () => {
    const body = { type: "routed_ipv4", project: "11111111-1111-4111-8111-111111111111" };
    expect((await call("POST", `${zone}/ips`, body)).status).toBe(403);
    expect(cloud.inventory()).toEqual([]);
  });

  it("lists in pages, and says how long the list is", async () => {
    const names = z.object({ servers: z.record(z.string(), z.unknown()) });
    const page = async (number: number) =>
      await call("GET", `${zone}/products/servers?page=${number}&per_page=3`);
    const [first, second] = [await page(1), await page(2)];
    const [a, b] = [first, second].map(({ body }) => Object.keys(names.parse(body).servers));
    expect([a?.length, b?.length, first.total]).toEqual([3, 3, "7"]);
    expect(a?.filter((name) => b?.includes(name))).toEqual([]);
  });

  it("boots a machine with the addresses, keys and user data it has by then", async () => {
    const ipv4 = await make("ips", { type: "routed_ipv4" }, "ip");
    const ipv6 = await make("ips", { type: "routed_ipv6" }, "ip");
    const id = await newServer({ public_ips: [ipv4, ipv6] });
    expect(await show(id)).toMatchObject({
      state: "stopped",
      public_ip: { address: "198.51.100.20", netmask: "32" },
    });
    expect(machines.machines.size).toBe(0);
    await call("POST", "/iam/v1alpha1/ssh-keys", {
      name: "deploy",
      public_key: `${key} comment`,
      project_id: cloud.access.projectId,
    });
    expect(
      (await call("PATCH", `${zone}/servers/${id}/user_data/cloud-init`, "#cloud-config\n")).status,
    ).toBe(204);
    await act(id, "poweron", "running");
    const [machine] = machines.machines.values();
    expect(machine?.spec).toMatchObject({
      hostname: "web",
      ipv4: "198.51.100.20",
      ipv6: expect.stringMatching(/^2001:db8:1:1:dc00:ff:fe[0-9a-f]{2}:[0-9a-f]{1,4}$/),
      image: "debian-12",
      userData: "#cloud-config\n",
      authorizedKeys: [key],
    });
    expect((await call("GET", `${zone}/servers/${id}/user_data/cloud-init`)).body).toBe("#cloud-config\n");
  });

  it("is busy while a server starts, and says why one did not", async () => {
    const id = await newServer();
    let fail: (reason: Error) => void = () => undefined;
    const held = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const create = vi.spyOn(machines, "create").mockReturnValue(held);
    expect((await call("POST", `${zone}/servers/${id}/action`, { action: "poweron" })).status).toBe(202);
    expect(await call("POST", `${zone}/servers/${id}/action`, { action: "poweron" })).toMatchObject({
      status: 409,
      body: { type: "transient_state", current_state: "starting" },
    });
    await vi.waitFor(() => expect(create).toHaveBeenCalled(), { timeout: 10_000 });
    fail(new Error("no room"));
    await vi.waitFor(async () => expect((await show(id)).state).toBe("stopped"), { timeout: 10_000 });
    expect((await show(id)).state_detail).toBe("no room");
  });

  it("terminates a running server: its disk and its addresses stay", async () => {
    const ip = await make("ips", { type: "routed_ipv4" }, "ip");
    const id = await newServer({ public_ips: [ip] });
    const disk = (await show(id)).volumes["0"].id;
    expect((await call("POST", `${zone}/servers/${id}/action`, { action: "terminate" })).status).toBe(400);
    await act(id, "poweron", "running");
    expect((await call("DELETE", `/block/v1/zones/fr-par-1/volumes/${disk}`)).status).toBe(412);
    await call("POST", `${zone}/servers/${id}/action`, { action: "terminate" });
    await vi.waitFor(() => expect(machines.machines.size).toBe(0), { timeout: 10_000 });
    await vi.waitFor(() => expect(cloud.inventory().map(({ kind }) => kind)).toEqual(["ips", "volumes"]), {
      timeout: 10_000,
    });
    expect((await call("DELETE", `/block/v1/zones/fr-par-1/volumes/${disk}`)).status).toBe(204);
    expect((await call("DELETE", `${zone}/ips/${ip}`)).status).toBe(204);
    expect(cloud.inventory()).toEqual([]);
  });

  it("does not delete what is protected, in use, or running", async () => {
    const group = await make("security_groups", { name: "g" }, "security_group");
    const id = await newServer({ security_group: group, protected: true });
    expect((await call("DELETE", `${zone}/security_groups/${group}`)).status).toBe(400);
    expect((await call("DELETE", `${zone}/servers/${id}`)).status).toBe(412);
    await act(id, "poweron", "running");
    expect((await call("POST", `${zone}/servers/${id}/action`, { action: "terminate" })).status).toBe(412);
    await call("PATCH", `${zone}/servers/${id}`, { protected: false });
    expect((await call("DELETE", `${zone}/servers/${id}`)).status).toBe(400);
    await act(id, "poweroff", "stopped");
    expect((await call("DELETE", `${zone}/servers/${id}`)).status).toBe(204);
    expect((await call("DELETE", `${zone}/security_groups/${group}`)).status).toBe(204);
  });

  it("changes the type of a server that is off, to one that its disk boots on", async () => {
    const id = await newServer();
    const change = (type: string) => call("PATCH", `${zone}/servers/${id}`, { commercial_type: type });
    expect((await change("DEV1-M")).status).toBe(200);
    expect((await change("BASIC2-A2C-4G")).status).toBe(400);
    expect((await change("DEV9-M")).status).toBe(400);
    await act(id, "poweron", "running");
    expect((await change("DEV1-L")).status).toBe(400);
    expect(await show(id)).toMatchObject({ commercial_type: "DEV1-M" });
  });

  it("gives an address to one server at a time, and moves it while that runs", async () => {
    const ip = await make("ips", { type: "routed_ipv4" }, "ip");
    const id = await newServer({ public_ips: [ip] });
    const image = await imageId();
    const second = { name: "db", commercial_type: "DEV1-S", image, volumes: { "0": {} }, public_ips: [ip] };
    const project = cloud.access.projectId;
    expect((await call("POST", `${zone}/servers`, { ...second, project })).status).toBe(412);
    expect(cloud.inventory().filter(({ kind }) => kind === "servers").length).toBe(1);
    await act(id, "poweron", "running");
    await call("PATCH", `${zone}/ips/${ip}`, { server: null });
    const [machine] = machines.machines.values();
    expect(machine?.addresses).toEqual([null, null]);
    await call("PATCH", `${zone}/ips/${ip}`, { server: id });
    expect(machine?.addresses).toEqual(["198.51.100.20", null]);
  });

  it("takes a reverse name only if it resolves", async () => {
    const ip = await make("ips", { type: "routed_ipv4" }, "ip");
    const reverse = { reverse: "web.example.org" };
    expect((await call("PATCH", `${zone}/ips/${ip}`, reverse)).status).toBe(400);
    cloud.names.set("web.example.org", "198.51.100.20");
    expect((await call("PATCH", `${zone}/ips/${ip}`, reverse)).body).toMatchObject({ ip: reverse });
  });

  it("has rules that nobody can edit beside a group's own", async () => {
    const group = await make("security_groups", { name: "g" }, "security_group");
    const rule = { id: null, action: "accept", protocol: "TCP", direction: "inbound", ip_range: "::/0" };
    const ports = { dest_port_from: 22, dest_port_to: null, position: 0, editable: null, zone: "fr-par-1" };
    await call("PUT", `${zone}/security_groups/${group}/rules`, { rules: [{ ...rule, ...ports }] });
    const listed = async () => {
      const { body, total } = await call("GET", `${zone}/security_groups/${group}/rules?page=1`);
      const { rules } = z.object({ rules: z.array(z.looseObject({ editable: z.boolean() })) }).parse(body);
      return [rules.length, rules.filter(({ editable }) => editable).length, total];
    };
    expect(await listed()).toEqual([7, 1, "7"]);
    await call("PATCH", `${zone}/security_groups/${group}`, { enable_default_security: false });
    expect(await listed()).toEqual([1, 1, "1"]);
  });

  it("sells nothing that is sold out, nor more than the quota, and leaves nothing behind", async () => {
    await cloud.close();
    const soldOut = [{ type: "DEV1-S", zone: "fr-par-1" }];
    cloud = await startScalewayCloud({ machines, soldOut, limits: { ips: 1 } });
    const server = { name: "web", commercial_type: "DEV1-S", image: await imageId(), volumes: { "0": {} } };
    const project = cloud.access.projectId;
    expect((await call("POST", `${zone}/servers`, { ...server, project })).status).toBe(503);
    expect(cloud.inventory()).toEqual([]);
    await make("ips", { type: "routed_ipv4" }, "ip");
    expect((await call("POST", `${zone}/ips`, { type: "routed_ipv4", project })).status).toBe(403);
  });

  it.each([
    ["before", []],
    ["after", ["ips"]],
  ] as const)("fails by rule, %s it does something", async (phase, left) => {
    const effect = { kind: "response", status: 500, code: "internal_error" } as const;
    cloud.faults.add({ method: "POST", path: "/instance/v1/zones/*/ips", phase, effect });
    const body = { type: "routed_ipv4", project: cloud.access.projectId };
    expect((await call("POST", `${zone}/ips`, body)).status).toBe(500);
    expect(cloud.inventory().map(({ kind }) => kind)).toEqual(left);
    expect(cloud.faults.pending()).toEqual([]);
  });
});

describe("slaacAddress", () => {
  it("is the network and the modified EUI-64 of the card", () => {
    // As recorded from the real cloud.
    expect(slaacAddress("2001:db8:711:4014::/64", "de:00:01:27:16:ab")).toBe(
      "2001:db8:711:4014:dc00:1ff:fe27:16ab",
    );
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";
import { blocks, Client, withId, zone } from "./client.ts";

const groups = "/instance/v2alpha1/zones/fr-par-1/placement-groups";
const networks = "/vpc/v2/regions/fr-par/private-networks";
const addresses = "/ipam/v1/regions/fr-par/ips";
const nics = "/instance/v2alpha1/zones/fr-par-1/private-network-interfaces";

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;
let client: Client;

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines, actionMs: 5 });
  client = new Client(cloud);
});

afterEach(() => cloud.close());

/** Id of what was made, with status 200, as the newer APIs answer. */
async function made(path: string, body: object): Promise<string> {
  const answer = await client.call("POST", path, { project_id: cloud.access.projectId, tags: [], ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return withId.parse(answer.body).id;
}

async function statusOf(method: string, path: string, body?: object): Promise<[number, unknown]> {
  const answer = await client.call(method, path, body);
  return [answer.status, z.looseObject({ type: z.string() }).safeParse(answer.body).data?.type];
}

const newNetwork = (range: string) =>
  made(networks, { name: "internal", subnets: [range], default_route_propagation_enabled: false });

const newAddress = (network: string, address: string) =>
  made(addresses, { source: { private_network_id: network }, is_ipv6: false, address });

async function running(): Promise<string> {
  const id = await client.newServer();
  await client.act(id, "poweron", "running");
  return id;
}

async function attach(server: string, volume: string): Promise<[number, unknown]> {
  const answer = await ask(server, volume);
  await vi.waitFor(
    async () =>
      expect(Object.values((await client.show(server)).volumes)).not.toContainEqual(
        expect.objectContaining({ state: "attaching" }),
      ),
    { timeout: 10_000 },
  );
  return answer;
}

const ask = (server: string, volume: string) =>
  statusOf("POST", `${zone}/servers/${server}/attach-volume`, {
    volume_id: volume,
    volume_type: "sbs_volume",
  });

const disks = () => [...machines.machines.values()].flatMap((machine) => [...machine.volumes]);

describe("volumes of the emulated Scaleway", () => {
  it("are attached to a running machine and taken from it again", async () => {
    const [server, volume] = [await running(), await client.newVolume(20)];
    expect(await attach(server, volume)).toEqual([200, undefined]);
    expect(disks()).toEqual([[volume, 200]]);
    expect((await client.show(server)).volumes).toMatchObject({ "0": {} });
    expect((await client.call("GET", `${blocks}/${volume}`)).body).toMatchObject({
      status: "in_use",
      references: [{ product_resource_id: server, status: "attached" }],
    });
    const detached = `${zone}/servers/${server}/detach-volume`;
    expect(await statusOf("POST", detached, { volume_id: volume })).toEqual([200, undefined]);
    expect(disks()).toEqual([]);
    expect(await statusOf("POST", detached, { volume_id: volume })).toEqual([400, "invalid_arguments"]);
  });

  it("are there when a machine is made, in its order", async () => {
    const [server, volume] = [await client.newServer(), await client.newVolume(20)];
    await attach(server, volume);
    await client.act(server, "poweron", "running");
    expect(disks()).toEqual([[volume, 200]]);
  });

  it("are detached where a change of the server leaves them out", async () => {
    const [server, volume] = [await running(), await client.newVolume(20)];
    await attach(server, volume);
    const disk = { id: (await client.show(server)).volumes["0"].id, boot: false, name: "any" };
    const further = { id: volume, volume_type: "sbs_volume" };
    await client.call("PATCH", `${zone}/servers/${server}`, { volumes: { "0": disk, "1": further } });
    expect(disks()).toEqual([[volume, 200]]);
    await client.call("PATCH", `${zone}/servers/${server}`, { volumes: { "0": disk } });
    expect(disks()).toEqual([]);
  });

  it("belong to one server, outlive it, and are not deleted while it has them", async () => {
    const [server, other, volume] = [await running(), await client.newServer(), await client.newVolume(20)];
    await attach(server, volume);
    expect(await attach(other, volume)).toEqual([412, "precondition_failed"]);
    expect(await statusOf("DELETE", `${blocks}/${volume}`)).toEqual([412, "precondition_failed"]);
    await client.call("POST", `${zone}/servers/${server}/action`, { action: "terminate" });
    await vi.waitFor(() => expect(machines.machines.size).toBe(0), { timeout: 10_000 });
    await vi.waitFor(
      async () => expect(await statusOf("DELETE", `${blocks}/${volume}`)).toEqual([204, undefined]),
      {
        timeout: 10_000,
      },
    );
    expect(machines.calls).toContainEqual({ id: volume, method: "destroyVolume", arguments: [] });
  });

  it("have a size in whole gigabytes, of five at least", async () => {
    const body = { project_id: cloud.access.projectId, name: "data", perf_iops: 5000, tags: [] };
    for (const size of [4_000_000_000, 20_000_000_001]) {
      expect(await statusOf("POST", blocks, { ...body, from_empty: { size } })).toEqual([
        400,
        "invalid_arguments",
      ]);
    }
  });
});

describe("placement groups of the emulated Scaleway", () => {
  it("are entered when a server is made or off, left at any time, and deleted when empty", async () => {
    const group = await made(groups, { name: "databases", policy_type: "max_availability" });
    const server = await client.newServer({ placement_group: group });
    await client.act(server, "poweron", "running");
    expect(await client.show(server)).toMatchObject({
      placement_group: { id: group, policy_mode: "optional" },
    });
    expect(await statusOf("DELETE", `${groups}/${group}`)).toEqual([412, "precondition_failed"]);
    const place = (placement_group: string | null) =>
      statusOf("PATCH", `${zone}/servers/${server}`, { placement_group });
    expect(await place(null)).toEqual([200, undefined]);
    expect(await place(group)).toEqual([400, "invalid_request_error"]);
    expect(await statusOf("DELETE", `${groups}/${group}`)).toEqual([204, undefined]);
  });
});

describe("private networks of the emulated Scaleway", () => {
  it("give a server the address that was reserved for it, which stays when the server goes", async () => {
    const [server, network] = [await client.newServer(), await newNetwork("10.0.1.0/24")];
    const address = await newAddress(network, "10.0.1.3");
    const nic = await made(nics, { private_network_id: network, server_id: server, ip_ids: [address] });
    const reserved = () => client.call("GET", `${addresses}/${address}`);
    expect((await reserved()).body).toMatchObject({
      address: "10.0.1.3/24",
      resource: { type: "instance_private_nic", id: nic, name: "web" },
    });
    expect(await statusOf("DELETE", `${addresses}/${address}`)).toEqual([412, "precondition_failed"]);
    expect(await statusOf("DELETE", `${zone}/servers/${server}`)).toEqual([204, undefined]);
    expect((await reserved()).body).toMatchObject({ address: "10.0.1.3/24", resource: null });
    expect(await statusOf("DELETE", `${networks}/${network}`)).toEqual([412, "precondition_failed"]);
    expect(await statusOf("DELETE", `${addresses}/${address}`)).toEqual([204, undefined]);
    expect(await statusOf("DELETE", `${networks}/${network}`)).toEqual([204, undefined]);
  });

  it.each([
    ["10.0.1.0", "is not an address"],
    ["10.0.1.255", "is not an address"],
    ["10.0.2.3", "is not an address"],
    ["10.0.1", "is not an address"],
    ["10.0.1.3", "is reserved already"],
  ])("reserve no %s", async (address, reason) => {
    const network = await newNetwork("10.0.1.0/24");
    await newAddress(network, "10.0.1.3");
    const answer = await client.call("POST", addresses, {
      project_id: cloud.access.projectId,
      source: { private_network_id: network },
      is_ipv6: false,
      address,
      tags: [],
    });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(reason)]);
  });

  it("tag an address as the provider does, which says nothing of its names with null", async () => {
    const address = await newAddress(await newNetwork("10.0.1.0/24"), "10.0.1.3");
    const change = { tags: ["fleet/host=shop"], reverses: null };
    expect((await client.call("PATCH", `${addresses}/${address}`, change)).body).toMatchObject({
      id: address,
      tags: ["fleet/host=shop"],
      reverses: [],
    });
  });

  it("refuse a card with an address of another network, or one that another card has", async () => {
    const [a, b] = [await newNetwork("10.0.1.0/24"), await newNetwork("10.0.2.0/24")];
    const [web, db] = [await client.newServer(), await client.newServer({ name: "db" })];
    const address = await newAddress(a, "10.0.1.3");
    const card = (server: string, network: string) => ({
      project_id: cloud.access.projectId,
      private_network_id: network,
      server_id: server,
      ip_ids: [address],
      tags: [],
    });
    expect(await statusOf("POST", nics, card(web, b))).toEqual([400, "invalid_arguments"]);
    expect(await statusOf("POST", nics, card(web, a))).toEqual([200, undefined]);
    expect(await statusOf("POST", nics, card(db, a))).toEqual([412, "precondition_failed"]);
  });

  it.each(["10.0.1.1/24", "10.0.0.0/33", "10.0.0/16", "10.0.1.128/25"])(
    "have no range such as %s",
    async (range) => {
      await newNetwork("10.0.1.0/24");
      const body = {
        project_id: cloud.access.projectId,
        name: "b",
        tags: [],
        default_route_propagation_enabled: false,
      };
      expect(await statusOf("POST", networks, { ...body, subnets: [range] })).toEqual([
        400,
        "invalid_arguments",
      ]);
    },
  );

  it("are of one region", async () => {
    const network = await newNetwork("10.0.1.0/24");
    expect(await statusOf("GET", `/vpc/v2/regions/nl-ams/private-networks/${network}`)).toEqual([
      404,
      "not_found",
    ]);
    expect(await statusOf("GET", `/vpc/v2/regions/mars/private-networks/${network}`)).toEqual([
      404,
      "not_found",
    ]);
  });
});
